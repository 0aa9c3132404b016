// "Priors and MAP" in a hand: the points of the data. Modes are the penalised minima of quadratic.js, in closed form; means, deviations, evidence and
// samples are integrals on a few hundred places. When the hand has let go, the page shows core's own.

import { format } from "./dom.js";
import { Folded } from "./folded.js";
import { clamp, shaped } from "./held.js";
import { Quadratic, penalized } from "./quadratic.js";

const hundredth = (value) => Math.round(100 * value) / 100 + 0;
const STEP = 0.05; // of an arrow key
const OUTER = 24; // panels of the first of two weights, on either side of its mode
const DEEP = 36; // what is this far below the peak, as a logarithm, is nothing

/** The points that a text lists, and back. */
export const read = (text) => (text === "none" ? [] : text.split(";").map((pair) => pair.split(",").map(Number)));
const written = (points) => points.map((point) => point.map((each) => String(hundredth(each))).join(",")).join(";") || "none";

export class Beliefs {
  constructor(given) {
    this.given = given;
    this.axes = ["scale"];
  }

  // -------------------------------------------------------------------------------------------------- what is taken hold of

  place(name, { points }) {
    return read(points)[Number(name.slice(5))];
  }
  drag(name, [x, y], { values }) {
    return this.moved(name, values, () => [x, y]);
  }
  nudge(name, across, up, values) {
    return this.moved(name, values, ([x, y]) => [x + STEP * across, y + STEP * up]);
  }
  moved(name, { points }, where) {
    const all = read(points), i = Number(name.slice(5)), [[left, right], [low, high]] = this.given.plane, [x, y] = where(all[i]);
    all[i] = [clamp(x, left, right), clamp(y, low, high)];
    return { points: written(all) };
  }
  says(name, { points }) {
    const [x, y] = read(points)[Number(name.slice(5))], [[low, high]] = this.given.plane;
    return { now: x, low, high, text: `x ${x}, y ${y}` };
  }

  // ---------------------------------------------------------------------------------------------------------- what follows

  solved({ points }) {
    if (this.text !== points) {
      const { sigma, priors } = this.given, all = read(points), sum = (make) => all.reduce((total, [x, y]) => total + make(x, y), 0) / sigma ** 2;
      this.text = points;
      this.points = all;
      // X'X / sigma^2 and X'y / sigma^2, of intercept and slope; the slope alone is the second of each.
      this.gram = [all.length / sigma ** 2, sum((x) => x), sum((x) => x * x)];
      this.pull = [sum((_, y) => y), sum((x, y) => x * y)];
      this.rest = sum((_, y) => y * y);
      this.lines = priors.map((prior) => Array.from(prior.a, (a, k) => new Folded(this.gram[2] + 2 * prior.c[k], this.pull[1], a)));
      this.planes = priors.map(() => new Map());
    }
    return this.lines;
  }
  /** Two weights under a prior, at one member: mode, and when asked for the marginal of the first with what it knows. */
  plane(i, k) {
    const known = this.planes[i].get(k);
    if (known) return known;
    const made = new Two(this.gram, this.pull, this.given.priors[i].a[k], this.given.priors[i].c[k]);
    this.planes[i].set(k, made);
    return made;
  }

  show(name, values, at) {
    this.solved(values);
    const k = Math.min(at.scale ?? 0, this.given.scale.length - 1);
    const views = {
      data: this.data, lines: this.both, densities: this.densities, objective: this.objective, "near-zero": this.nearZero, "mode-and-mean": this.estimates,
      evidence: this.evidence, numbers: this.numbers, "plane-numbers": () => this.planeNumbers(0, k), "other-numbers": () => this.planeNumbers(1, k),
      "two-weights": () => this.weights(0, k), "two-weights-compared": () => this.weights(1, k),
    };
    return views[name]?.call(this, k);
  }

  /** Lines between the two ends of the plane, of [intercept, slope]s. */
  across(weights) {
    const [low, high] = this.given.ends;
    return weights.flatMap(([w, slope]) => [low, w + slope * low, high, w + slope * high]);
  }
  drawn(mode, mean, samples) {
    const [low, high] = this.given.ends, end = ([w, slope], x) => [0.93 * x, 0.93 * (w + slope * x)], marks = {};
    if (this.points.length) marks.points = { xy: shaped(this.points.flat(), 1, this.points.length, 2) };
    marks.samples = { xy: shaped(this.across(samples), 1, 2 * samples.length, 2) };
    Object.assign(marks, { mode: { xy: shaped(this.across([mode]), 1, 2, 2) }, mean: { xy: shaped(this.across([mean]), 1, 2, 2) } });
    return { marks: Object.assign(marks, { "mode-label": { xy: shaped(end(mode, high), 1, 2) }, "mean-label": { xy: shaped(end(mean, low), 1, 2) } }) };
  }
  data(k) {
    const line = this.lines[0][k], { sides, count } = this.given;
    const sample = line.sampler(), n = sides.length / 2, samples = Array.from({ length: count }, (_, i) => [0, sample(sides[i], sides[n + i])]);
    return this.drawn([0, line.mode], [0, line.moments().mean], samples);
  }
  both(k) {
    const two = this.plane(0, k);
    return this.drawn(two.mode, two.moments().mean, this.sampled(two).slice(0, this.given.count));
  }
  sampled(two) {
    const { thirds } = this.given, m = thirds.length / 3;
    return (two.samples ||= two.sample(Array.from({ length: m }, (_, i) => [thirds[i], thirds[m + i], thirds[2 * m + i]])));
  }

  /** A density as a line, its highest point at 1, on a level grid and closer around its middle. */
  curve(height, middle, width, low, high) {
    const places = [0];
    for (let i = 0; i <= 100; i++) places.push(low + ((high - low) * i) / 100);
    for (let i = -40; i <= 40; i++) places.push(clamp(middle + (width * i) / 8, low, high));
    return places.sort((a, b) => a - b).flatMap((w) => [w, Math.min(1, height(w))]);
  }
  densities(k) {
    const line = this.lines[0][k], { mean, deviation, mass } = line.moments(), [low, high] = this.window(), { edges, sides } = this.given;
    const precision = this.gram[2], peak = precision > 0 ? this.pull[1] / precision : 0, wide = precision > 0 ? 1 / Math.sqrt(precision) : 1;
    const posterior = this.curve((w) => line.height(w), line.mode, deviation, low, high), likelihood = this.curve((w) => Math.exp(-0.5 * precision * (w - peak) ** 2), peak, wide, low, high);
    const bins = edges.length - 1, width = edges[1] - edges[0], counts = new Float64Array(bins), n = sides.length / 2, sample = line.sampler();
    for (let i = 0; i < n; i++) {
      const bin = Math.floor((sample(sides[i], sides[n + i]) - edges[0]) / width);
      if (bin >= 0 && bin < bins) counts[bin] += 1;
    }
    // Shares a width over the highest point of the density, which is 1 over its mass in these units.
    const marks = {
      posterior: { xy: shaped(posterior, 1, posterior.length / 2, 2) }, "held-likelihood": { xy: shaped(likelihood, likelihood.length / 2, 2) },
      samples: { xy: shaped(counts.map((each) => Math.min(2, (each * mass) / (n * width))), 1, bins) }, "minimum-line": { xy: shaped([line.mode], 1) },
      mode: { xy: shaped([line.mode, 1], 1, 2) }, mean: { xy: shaped([mean, line.height(mean)], 1, 2) },
    };
    return { marks, range: this.wider(this.window(), this.given.window, 0), caption: this.given.caption };
  }
  /** The weights that the charts of one weight should show. */
  window() {
    const line = this.lines[0], precision = this.gram[2], inside = [0, ...line.map(({ mode }) => mode)], [low, high] = this.given.window;
    if (precision > 0) inside.push(this.pull[1] / precision);
    return [Math.min(low, 1.06 * Math.min(...inside)), Math.max(high, 1.06 * Math.max(...inside))];
  }
  /** Axes that reach farther where what is shown would be out of sight, in steps: axes cost as much as many frames. `first`: which of x0, x1, y0, y1. */
  wider([low, high], [from, to], first) {
    if (low >= from && high <= to) return undefined;
    const step = (to - from) / 2, range = [NaN, NaN, NaN, NaN];
    range[first] = from - step * Math.ceil(Math.max(0, from - low) / step);
    range[first + 1] = to + step * Math.ceil(Math.max(0, high - to) / step);
    return range;
  }

  objective(k) {
    const { sigma, priors: [{ l1, l2, strength }], top } = this.given, n = this.points.length, [low, high] = this.window();
    const per = n ? sigma ** 2 / n : 1, lam = strength[k] * per, precision = this.gram[2], peak = precision > 0 ? this.pull[1] / precision : 0;
    const loss = (w) => (n ? 0.5 * per * precision * (w - peak) ** 2 : 0), cost = (w) => lam * (l1 * Math.abs(w) + l2 * w * w), mode = this.lines[0][k].mode;
    const places = Array.from(this.given.grid), height = (make, ...first) => ({ xy: shaped(places.map(make), ...first, places.length) });
    const both = (w) => loss(w) + cost(w), edge = places.find((w) => both(w) <= 0.62 * top) ?? mode;
    const marks = {
      "held-loss": height(loss), objective: height(both, 1), minimum: { xy: shaped([mode, both(mode)], 1, 2) }, "minimum-line": { xy: shaped([mode], 1) },
      "objective-label": { xy: shaped([edge, both(edge)], 1, 2) },
    };
    return { marks, range: this.wider([low, high], this.given.window, 0), caption: this.given.caption };
  }

  nearZero(k) {
    const { near, eps } = this.given, line = this.lines[0][k], share = (each) => Math.max(line.within(each), 1e-30);
    return { marks: { posterior: { xy: shaped(Array.from(near, share), 1, near.length) }, "posterior-at": { xy: shaped([eps, share(eps)], 1, 2) } }, caption: this.given.caption };
  }
  estimates() {
    const { scale, heights } = this.given, line = this.lines[0], count = scale.length, found = line.map((each) => ({ mode: each.mode, ...each.moments() }));
    const pairs = (make) => shaped(found.flatMap((each, i) => [scale[i], make(each)]), count, 2), column = (make) => shaped(found.map(make), count);
    const upper = found.map(({ mean, deviation }, i) => [scale[i], mean + deviation]), lower = found.map(({ mean, deviation }, i) => [scale[i], mean - deviation]);
    const marks = {
      "one standard deviation": { xy: shaped([...lower, ...upper.reverse()].flat(), 2 * count, 2) }, mean: { xy: column(({ mean }) => mean) }, mode: { xy: column(({ mode }) => mode) },
      "mean-at": { xy: pairs(({ mean }) => mean) }, "mode-at": { xy: pairs(({ mode }) => mode) },
    };
    const all = [...upper, ...lower].map(([, w]) => w);
    return { marks, range: this.wider([Math.min(...all), Math.max(...all)], heights, 2), caption: this.given.caption };
  }
  evidence() {
    const { scale, priors, bottom } = this.given, marks = {};
    const heights = this.lines.map((line, i) => line.map((each, k) => each.moments().logZ - priors[i].logZ[k])), highest = Math.max(...heights.flat());
    priors.forEach(({ label }, i) => {
      const shown = heights[i].map((each) => Math.max(each - highest, -80));
      marks[label] = { xy: shaped(shown, scale.length) };
      marks[`${label}-at`] = { xy: shaped(shown.flatMap((each, k) => [scale[k], each]), scale.length, 2) };
    });
    const lowest = Math.max(-8, Math.min(...heights.flat()) - highest);
    return { marks, range: this.wider([lowest, 0], [bottom, 0], 2), caption: this.given.caption };
  }

  /** The plane of two weights: contours count from the peak, and minus the log posterior is the loss's part and the prior's. */
  weights(i, k) {
    const { half, side, priors } = this.given, { l1, l2, strength } = priors[i], two = this.plane(i, k), { mean } = two.moments();
    const base = Object.assign(new Float32Array(side * side), { shape: [side, side] }), floor = two.lossFloor;
    for (let row = 0; row < side; row++) for (let column = 0; column < side; column++) base[row * side + column] = two.loss(-half + (2 * half * column) / (side - 1), -half + (2 * half * row) / (side - 1)) - floor;
    const [x, y] = two.mode, lowest = [two.loss(x, y) - floor + strength[k] * (l1 * (Math.abs(x) + Math.abs(y)) + l2 * (x * x + y * y))], samples = this.sampled(two);
    const all = Array.from(strength, (_, n) => this.plane(i, n));
    // The mode's way runs between members that have one mode each.
    const steps = all.slice(1).flatMap((each, n) => (each.single && all[n].single ? [...all[n].mode, ...each.mode] : [])), pairs = steps.length ? steps : [...all[0].mode, ...all[0].mode];
    const marks = {
      samples: { xy: shaped(samples.flat(), 1, samples.length, 2) }, path: { xy: shaped(pairs, pairs.length / 2, 2) }, modes: { xy: shaped(two.ends().flat(), 1, 2, 2) },
      mean: { xy: shaped(mean, 1, 2) }, mode: { xy: shaped([x, y], 1, 2) }, "penalised minimum": { xy: shaped([x, y], 1, 2) },
      likelihood: { xy: shaped(two.centre ?? [NaN, NaN], 2) },
    };
    return { marks, blends: [{ base, floor: lowest }, undefined, { base }, { base, floor: lowest }], caption: this.given.caption };
  }

  numbers(k) {
    const line = this.lines[0][k], { mean, deviation } = line.moments(), mode = told([line.mode]);
    return { values: { mode, penalised: mode, agreement: "–", spread: `${format(mean, 4)} ± ${format(deviation, 3)}`, near: line.within(this.given.eps) } };
  }
  planeNumbers(i, k) {
    const two = this.plane(i, k), mode = told(two.mode);
    return { values: { mode, penalised: mode, agreement: "–", mean: told(two.moments().mean), near: "–" } };
  }

  // ----------------------------------------------------------------------------------------------------------- certificate

  /** The largest difference from core's modes, in a weight, wherever there is one mode. */
  *compare(values, { line, plane, single }) {
    const own = new Beliefs(this.given);
    own.solved(values);
    let gap = 0;
    for (const i of [0, 1]) {
      for (let k = 0; k < this.given.scale.length; k++) {
        const n = i * this.given.scale.length + k, mode = own.plane(i, k).mode;
        gap = Math.max(gap, Math.abs(own.lines[i][k].mode - line[n]));
        if (single[n]) gap = Math.max(gap, Math.abs(mode[0] - plane[2 * n]), Math.abs(mode[1] - plane[2 * n + 1]));
        yield;
      }
    }
    return gap;
  }
}

const told = (weights) => {
  const parts = weights.map((each) => (each === 0 ? "exactly 0" : format(each, 4)));
  return parts.length === 1 ? parts[0] : `(${parts.map((part) => part.replace("exactly ", "")).join(", ")})`;
};

/** The posterior of two weights at one member: exp(-w'Gw/2 + B'w - a |w|_1 - c |w|^2). */
class Two {
  constructor([g11, g12, g22], [b1, b2], a, c) {
    Object.assign(this, { g: [g11, g12, g22], b: [b1, b2], a, c });
    const problem = new Quadratic([g11, g12, g22], [0, 0], 0, [b1, b2]), determinant = problem.values[0] * problem.values[1], flat = problem.values[0] <= 1e-13 * problem.values[1];
    this.mode = penalized(problem, { l1: a, l2: c }, 1);
    if (this.mode.some(Number.isNaN)) this.mode = [0, 0];
    this.centre = flat ? undefined : [(g22 * b1 - g12 * b2) / determinant, (g11 * b2 - g12 * b1) / determinant];
    // Columns of equal size, 1 and x = 1 or x = -1, under L1 alone: all weight may stand on either, or on both.
    this.single = !(flat && c === 0 && Math.abs(g11 - g22) <= 1e-12 * g11 && this.mode.some(Boolean));
    // The loss's own least value, minus half of B'G^+ B.
    const [u, v] = problem.turned;
    this.lossFloor = -0.5 * ((flat ? 0 : (u * u) / problem.values[0]) + (problem.values[1] > 0 ? (v * v) / problem.values[1] : 0));
  }
  /** The ends of the set of modes, which is one point but where the data do not tell two columns apart. */
  ends() {
    const [x, y] = this.mode, size = Math.abs(x) + Math.abs(y);
    return this.single ? [this.mode, this.mode] : [[Math.sign(this.b[0]) * size, 0], [0, Math.sign(this.b[1]) * size]];
  }
  /** Minus the log likelihood, but for a constant. */
  loss(x, y) {
    const [p, q, r] = this.g, [s, t] = this.b;
    return 0.5 * (p * x * x + 2 * q * x * y + r * y * y) - s * x - t * y;
  }
  second(x) {
    return new Folded(this.g[2] + 2 * this.c, this.b[1] - this.g[1] * x, this.a);
  }
  /** The height of the best second weight for a first one: the profile of the log posterior. */
  profile(x) {
    const best = this.second(x);
    return -0.5 * (this.g[0] + 2 * this.c) * x * x + this.b[0] * x - this.a * Math.abs(x) + best.top;
  }
  /** The first weight's places with their shares of the mass, and its mean and that of the second. */
  moments() {
    if (this.known) return this.known;
    const top = this.profile(this.mode[0]), ends = [-1, 1].map((side) => {
      let step = 1e-3;
      while (this.profile(this.mode[0] + side * step) > top - DEEP && step < 1e6) step *= 2;
      return this.mode[0] + side * step;
    });
    // Panels as narrow as is needed near the mode, and wide where there is little; one ends at the crease.
    const cuts = [0, this.mode[0]].filter((each) => each > ends[0] && each < ends[1]);
    for (const end of ends) for (let i = 1; i <= OUTER; i++) cuts.push(this.mode[0] + (end - this.mode[0]) * (i / OUTER) ** 2);
    cuts.sort((a, b) => a - b);
    let mass = 0, first = 0, second = 0;
    const places = [cuts[0]], sums = [0];
    for (let i = 1; i < cuts.length; i++) {
      for (const [x, weight] of three(cuts[i - 1], cuts[i])) {
        const inner = this.second(x).moments(), part = weight * Math.exp(-0.5 * (this.g[0] + 2 * this.c) * x * x + this.b[0] * x - this.a * Math.abs(x) + inner.logZ - top);
        mass += part;
        first += part * x;
        second += part * inner.mean;
      }
      places.push(cuts[i]);
      sums.push(mass);
    }
    return (this.known = { mean: [first / mass, second / mass], places, sums });
  }
  sample(uniforms) {
    const { places, sums } = this.moments(), total = sums[sums.length - 1];
    return uniforms.map(([share, side, size]) => {
      let i = 1;
      while (i < sums.length - 1 && sums[i] < share * total) i += 1;
      const part = sums[i] > sums[i - 1] ? (share * total - sums[i - 1]) / (sums[i] - sums[i - 1]) : 0, x = places[i - 1] + part * (places[i] - places[i - 1]);
      return [x, this.second(x).sampler()(side, size)];
    });
  }
}

/** Gauss's rule with three nodes on a short interval. */
function three(from, to) {
  const middle = 0.5 * (from + to), half = 0.5 * (to - from), far = half * Math.sqrt(0.6);
  return [[middle - far, (5 * half) / 9], [middle, (8 * half) / 9], [middle + far, (5 * half) / 9]];
}
