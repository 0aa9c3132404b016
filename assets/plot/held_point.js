// "Smoothing and curvature" in a hand: the point where the curvature is looked at. Its Hessian is the formula's; the penalty adds 2 lambda to both
// eigenvalues, times its L2 share.

import { format } from "./dom.js";
import { OnMap, shaped } from "./held.js";
import { Surface } from "./program.js";

const TINY = 1e-12, ROUNDING = 8 * 2 ** -52; // as core/smoothing_words.py and core/curvature/spectrum.py count rounding

/** A number, or a word where a typed formula has a hole. */
const told = (value) => (Number.isNaN(value) ? "not defined" : format(value, 4));

export class Point extends OnMap {
  constructor(given) {
    super(given, ["lam"], ["point1", "point2"]);
    this.surface = new Surface(given.surface);
  }

  /** The loss's own eigenvalues at the point, ascending. */
  own(values) {
    if (this.values !== values) {
      const [a, b, d] = this.surface.hessian(values.point1, values.point2), middle = 0.5 * (a + d), reach = Math.hypot(0.5 * (a - d), b);
      Object.assign(this, { values, pair: [middle - reach, middle + reach] });
    }
    return this.pair;
  }
  shift(k) {
    return 2 * this.given.lam[k] * this.given.l2;
  }

  show(name, values, at) {
    const k = Math.min(at.lam ?? 0, this.given.lam.length - 1);
    return { original: this.planes, penalised: this.planes, eigenvalues: this.lines, numbers: this.numbers }[name]?.call(this, values, k);
  }
  planes({ point1, point2 }) {
    return { marks: { point: { xy: shaped([point1, point2], 2) } } };
  }
  lines(values, k) {
    const { lam, frame, names } = this.given, pair = this.own(values), marks = {};
    const heights = pair.map((each) => Float64Array.from(lam, (_, n) => each + this.shift(n)));
    names.forEach((each, i) => {
      marks[`held-${each}`] = { xy: shaped(heights[i], lam.length) };
      marks[`${each} at the point`] = { xy: shaped(Array.from(lam, (x, n) => [x, heights[i][n]]).flat(), lam.length, 2) };
    });
    const low = Math.min(0, ...heights.map((each) => each[0])), high = Math.max(0, ...heights.map((each) => each[lam.length - 1])), [from, to] = frame, step = (to - from) / 2;
    const range = low < from || high > to ? [NaN, NaN, from - step * Math.ceil(Math.max(0, from - low) / step), to + step * Math.ceil(Math.max(0, high - to) / step)] : undefined;
    const said = pair.map((each) => told(each + this.shift(k)));
    return { marks, range, caption: this.given.caption.replace("{low}", said[0]).replace("{high}", said[1]).replace("{shift}", format(this.shift(k), 4)) };
  }
  numbers(values, k) {
    const [low, high] = this.own(values).map((each) => each + this.shift(k)), tiny = TINY * Math.max(Math.abs(low), Math.abs(high), 1e-300);
    const [least, most] = [Math.min(Math.abs(low), Math.abs(high)), Math.max(Math.abs(low), Math.abs(high))], { kinds } = this.given;
    const kind = low > tiny ? kinds[0] : high < -tiny ? kinds[1] : low < -tiny && high > tiny ? kinds[2] : kinds[3];
    return { values: { mu: `${told(low)} and ${told(high)}`, condition: format(least <= ROUNDING * most ? Infinity : most / least, 4), definite: kind } };
  }

  /** The largest difference from core's eigenvalues, over the largest of them. */
  *compare(values, { eigenvalues }) {
    const pair = this.own(values), size = eigenvalues.reduce((most, each) => Math.max(most, Math.abs(each)), 0) || 1;
    let gap = 0;
    for (let n = 0; n < eigenvalues.length; n++) gap = Math.max(gap, Math.abs(pair[n % 2] + this.shift(n >> 1) - eigenvalues[n]) / size);
    yield;
    return pair.some(Number.isNaN) ? Infinity : gap;
  }
}
