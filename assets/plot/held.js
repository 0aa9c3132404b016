// What the models of a hand share: columns as views take them, and a point of a surface's window.

/** Numbers as a column of a shape. */
export const shaped = (numbers, ...shape) => Object.assign(Float64Array.from(numbers), { shape });
export const clamp = (value, low, high) => Math.min(Math.max(value, low), high);
/** A number as it is read out. */
export const aloud = (value) => String(Number(value.toPrecision(3)));

const KEYS = 200; // arrow keys from one side of a window to the other

/** A model whose one handle is a point of the plane of weights, kept by two knobs. */
export class OnMap {
  constructor(given, axes, [first, second]) {
    Object.assign(this, { given, axes, first, second });
  }
  place(name, values) {
    return [values[this.first], values[this.second]];
  }
  drag(name, [x, y]) {
    const [[left, right], [low, high]] = this.given.surface.bounds;
    return { [this.first]: clamp(x, left, right), [this.second]: clamp(y, low, high) };
  }
  nudge(name, across, up, values) {
    const [[left, right], [low, high]] = this.given.surface.bounds, [x, y] = this.place(name, values);
    return this.drag(name, [x + (across * (right - left)) / KEYS, y + (up * (high - low)) / KEYS]);
  }
  says(name, values) {
    const [x, y] = this.place(name, values), [[low, high]] = this.given.surface.bounds;
    return { now: x, low, high, text: `w1 ${aloud(x)}, w2 ${aloud(y)}` };
  }
}
