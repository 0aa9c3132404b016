// A surface's formula where a hand needs it: value, gradient and Hessian at any point, with nothing evaluated as code.
//
// core/surfaces writes a formula and its derivatives as a list of operations on numbered places (core/surfaces/_program.py); here they are carried
// out one after the other. A surface of data is the mean over its rows of a loss of the score z = x1 w1 + x2 w2, by the chain rule.

const AROUND = [[1, 1], [1, -1], [-1, 1], [-1, -1]], NEAR = 1e-4; // as core/surfaces/surface.py does at a kink's tip

const power = (base, exponent) => {
  let result = 1, square = base;
  for (let n = exponent; n; n >>= 1, square *= square) if (n & 1) result *= square;
  return result;
};
const softplus = (z) => Math.max(z, 0) + Math.log1p(Math.exp(-Math.abs(z)));
const sigmoid = (z) => 0.5 + 0.5 * Math.tanh(0.5 * z);
/** By the name that core gives: what each operation makes of one or two places. */
const OPERATIONS = {
  add: (a, b) => a + b, mul: (a, b) => a * b, div: (a, b) => a / b, pow: (a, b) => Math.pow(a, b), int: power, sqrt: Math.sqrt, exp: Math.exp, log: Math.log,
  sin: Math.sin, cos: Math.cos, tan: Math.tan, tanh: Math.tanh, absolute: Math.abs, signum: Math.sign, softplus, sigmoid,
  minimum: Math.min, maximum: Math.max, step: (a) => (a > 0 ? 1 : a < 0 ? 0 : 0.5),
};
export const KNOWN = Object.keys(OPERATIONS);

/** A list of operations that can be carried out: places in, places out. */
class Program {
  constructor({ names, constants, code, outputs }) {
    Object.assign(this, { inputs: names.length, outputs });
    this.places = new Float64Array(names.length + constants.length + code.length);
    this.places.set(constants, names.length);
    this.first = names.length + constants.length;
    this.code = code.map(([name, a, b, whole]) => {
      if (!OPERATIONS[name]) throw new Error(`no operation ${name}`);
      return { make: OPERATIONS[name], a, b: b ?? 0, whole };
    });
    const { length } = code;
    // What gradient and Hessian alone need is left out where only the value, or no Hessian, is asked for.
    this.upTo = outputs.map((place) => Math.min(length, Math.max(0, place - this.first + 1)));
  }
  /** Carry it out up to what the first `count` outputs need. */
  run(count) {
    const { places, code, first } = this, end = Math.max(...this.upTo.slice(0, count));
    for (let i = 0; i < end; i++) {
      const { make, a, b, whole } = code[i];
      places[first + i] = make(places[a], whole ?? places[b]);
    }
  }
  out(i) {
    return this.places[this.outputs[i]];
  }
}

/** The same for many rows at once: an operation at a time, all rows of it, which is several times as fast. */
class Rows extends Program {
  constructor(program, rows) {
    super(program);
    const n = (this.length = rows.length / 3), column = (j) => Float64Array.from({ length: n }, (_, i) => rows[3 * i + j]);
    [this.x1, this.x2] = [column(0), column(1)];
    this.lanes = Array.from(this.places, (value) => new Float64Array(n).fill(value));
    this.lanes[1] = column(2);
    this.names = program.code.map(([name]) => name);
  }
  /** Loss, slope and bend of each row in its score, where the weights are (x, y); the first `count` of them. */
  run(count, x, y) {
    const { lanes, x1, x2, code, names, first, length } = this, [z] = lanes, end = Math.max(...this.upTo.slice(0, count));
    for (let i = 0; i < length; i++) z[i] = x1[i] * x + x2[i] * y;
    for (let n = 0; n < end; n++) {
      const { make, a, b, whole } = code[n], out = lanes[first + n], one = lanes[a], other = lanes[b];
      if (names[n] === "add") for (let i = 0; i < length; i++) out[i] = one[i] + other[i];
      else if (names[n] === "mul") for (let i = 0; i < length; i++) out[i] = one[i] * other[i];
      else for (let i = 0; i < length; i++) out[i] = make(one[i], whole ?? other[i]);
    }
  }
  lane(i) {
    return this.lanes[this.outputs[i]];
  }
}

/** L of two weights. */
export class Surface {
  constructor({ program, rows, bounds, partial }) {
    this.partial = partial; // whether the formula may be undefined somewhere
    this.program = rows ? new Rows(program, rows) : new Program(program); // rows: x1, x2, y, (n, 3), of a surface of data
    this.rows = Boolean(rows);
    this.limit = 1e6 * (1 + Math.max(...bounds.flat().map(Math.abs))); // core/descent/loop.py: beyond it a run counts as diverged
  }
  value(x, y) {
    return this.rows ? this.mean(x, y, 1)[0] : this.at(x, y, 1)[0];
  }
  /** [slope 1, slope 2]; where it is not finite, the mean of four points around. */
  gradient(x, y) {
    const all = this.rows ? this.mean(x, y, 2) : this.at(x, y, 3);
    return Number.isFinite(all[1]) && Number.isFinite(all[2]) ? [all[1], all[2]] : this.around(x, y, 3, [1, 2]);
  }
  /** [d11, d12, d22]. */
  hessian(x, y) {
    const all = this.rows ? this.mean(x, y, 3) : this.at(x, y, 6);
    return all.slice(3).every(Number.isFinite) ? all.slice(3) : this.around(x, y, 6, [3, 4, 5]);
  }

  at(x, y, count) {
    const { program } = this;
    program.places[0] = x;
    program.places[1] = y;
    program.run(count);
    return Array.from({ length: count }, (_, i) => program.out(i));
  }
  around(x, y, count, which) {
    const sums = which.map(() => 0);
    for (const [i, j] of AROUND) {
      const all = this.rows ? this.mean(x + NEAR * i, y + NEAR * j, count === 3 ? 2 : 3) : this.at(x + NEAR * i, y + NEAR * j, count);
      which.forEach((place, n) => (sums[n] += all[place] / 4));
    }
    return sums;
  }
  /** Loss, slope and bend of each row in its score, and with them the six numbers that `at` gives. */
  mean(x, y, count) {
    const { program } = this, { x1, x2, length } = program, all = [0, 0, 0, 0, 0, 0], [loss, slope, bend] = [0, 1, 2].map((i) => program.lane(i));
    program.run(count, x, y);
    for (let i = 0; i < length; i++) {
      all[0] += loss[i];
      if (count > 1) {
        all[1] += slope[i] * x1[i];
        all[2] += slope[i] * x2[i];
      }
      if (count > 2) {
        all[3] += bend[i] * x1[i] * x1[i];
        all[4] += bend[i] * x1[i] * x2[i];
        all[5] += bend[i] * x2[i] * x2[i];
      }
    }
    return all.map((each) => each / length);
  }
}
