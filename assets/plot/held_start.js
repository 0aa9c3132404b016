// "Optimizer race" in a hand: the start. Every rule runs from where the hand is, at the lambda and the rates of the race.

import { OnMap, clamp, shaped } from "./held.js";
import { Surface } from "./program.js";
import { PARTS, descend, parts } from "./rules.js";

const SLICE = 5; // milliseconds a frame for what takes longer than one: the ends over all rates
const TIE = 1e-12; // of the way from the start: ends this close are one

export class Start extends OnMap {
  constructor(given) {
    super(given, ["lam", "step"], ["start1", "start2"]);
    this.surface = new Surface(given.surface);
    this.swept = new Map(); // rule -> heights at the end over the rates, from where the hand was when they were last found
  }

  // ------------------------------------------------------------------------------------------------------ what views show

  show(name, values, at) {
    const k = Math.min(at.lam ?? 0, this.given.lam.length - 1), runs = this.raced(values, k);
    return { race: this.plane, "race-curves": this.curves, "rate-sensitivity": this.rates, "one-step": this.anatomy, numbers: this.numbers }[name]?.call(this, runs, values, k, at);
  }
  /** Every rule's run from a start, at one lambda. */
  raced(values, k) {
    if (this.k !== k) this.best = undefined;
    if (this.values !== values || this.k !== k) Object.assign(this, { values, k, sweep: undefined, runs: undefined });
    return (this.runs ||= new Map(this.given.rules.map((each) => [each.key, this.run(each, values, k, this.rateOf(each, k))])));
  }
  /** The rate that a rule runs at: the best one where the hand last rested, or that of the race. */
  rateOf({ key, rates }, k) {
    return this.best?.get(key) ?? rates[k];
  }
  run(each, { start1, start2 }, k, lr) {
    const { lam, penalty, steps, noise } = this.given, asked = { ...each, lr, lam: lam[k], penalty, noise };
    const taken = [], found = descend(this.surface, asked, [start1, start2], steps, each.key === this.given.focus ? (step) => taken.push(step) : undefined);
    return { ...found, asked, stages: taken };
  }
  height(x, y, k) {
    const { l1, l2 } = this.given.penalty, sum = this.surface.value(x, y) + this.given.lam[k] * (l1 * (Math.abs(x) + Math.abs(y)) + l2 * (x * x + y * y));
    return Number.isFinite(sum) ? sum : Number.MAX_VALUE;
  }
  gap(x, y, k) {
    return clamp(this.height(x, y, k) - this.given.floor[k], this.given.lowest, this.given.highest);
  }

  plane(runs, { start1, start2 }) {
    const marks = { start: { xy: shaped([start1, start2], 2) } };
    for (const { key, label } of this.given.rules) {
      const { x } = runs.get(key);
      marks[label] = { xy: shaped(x, 1, x.length / 2, 2) };
    }
    return { marks, caption: this.given.caption };
  }
  curves(runs, values, k) {
    const marks = {};
    for (const { key, label } of this.given.rules) {
      const { x } = runs.get(key);
      marks[label] = { xy: shaped(Array.from({ length: x.length / 2 }, (_, t) => this.gap(x[2 * t], x[2 * t + 1], k)), 1, x.length / 2) };
    }
    return { marks };
  }

  /** Some milliseconds a frame until all rates are tried; until then each curve is that of where the hand was before. */
  rates(runs, values, k) {
    this.sweep ||= this.sweeping(values, k);
    const end = performance.now() + SLICE;
    let done = false, best;
    while (!done && performance.now() < end) ({ done, value: best } = this.sweep.next());
    // Tried at all rates from here, each rule goes on at its best one, where that is how the race is run.
    const changed = done && best && this.given.fair;
    if (changed) Object.assign(this, { best, runs: undefined });
    const marks = {}, { grid } = this.given;
    for (const each of this.given.rules) {
      const heights = this.swept.get(each.key), rate = this.rateOf(each, k);
      if (!heights) continue;
      marks[each.label] = { xy: shaped(heights, 1, heights.length) };
      marks[`${each.label}'s rate`] = { xy: shaped([rate, along(grid, heights, rate)], 1, 2) };
    }
    return { marks, more: !done, changed };
  }
  /** Returns the best rates, as core/tuning.py chooses them: the lowest of those that end as low as the lowest. */
  *sweeping(values, k) {
    const best = new Map(), { grid, steps, floor, lowest, highest } = this.given, origin = this.surface.value(values.start1, values.start2);
    for (const each of this.given.rules) {
      const ends = new Float64Array(grid.length);
      for (let i = 0; i < ends.length; i++) {
        const { x, taken } = this.run(each, values, k, grid[i]);
        ends[i] = taken < steps ? Infinity : this.height(x[x.length - 2], x[x.length - 1], k);
        yield;
      }
      const least = Math.min(...ends), way = Math.abs(origin - least);
      best.set(each.key, grid[ends.findIndex((end) => end <= least + (Number.isFinite(way) ? TIE * way : 0))]);
      this.swept.set(each.key, ends.map((end) => clamp(end - floor[k], lowest, highest)));
    }
    return best;
  }

  anatomy(runs, values, k, at) {
    const { stages, asked } = runs.get(this.given.focus), { steps, present } = this.given, step = stages[Math.min(at.step ?? 0, steps - 1)];
    const arrows = step?.near ? parts(asked, step) : [0, 1].map(() => PARTS.map(() => 0));
    const sums = [0, 1].map((i) => present.reduce((all, part) => [...all, all[all.length - 1] + arrows[i][part]], [0]));
    const low = sums.map((each) => Math.min(...each)), high = sums.map((each) => Math.max(...each)), half = Math.max(high[0] - low[0], high[1] - low[1]) / 2 || 1;
    const chain = sums[0].map((_, n) => [0, 1].map((i) => (sums[i][n] - (low[i] + high[i]) / 2) / half));
    return { marks: { "the step": { xy: shaped([...chain[0], ...chain[chain.length - 1]], 1, 1, 2, 2) }, "its parts": { xy: shaped(chain.flat(), 1, 1, chain.length, 2) } } };
  }

  numbers(runs, values, k, at) {
    const { focus, steps } = this.given, { x } = runs.get(focus), t = Math.min(at.step ?? 0, steps), [u, v] = [x[2 * t], x[2 * t + 1]];
    const zeros = [x[2 * steps], x[2 * steps + 1]].filter((each) => each === 0).length;
    return { values: { w1: u, w2: v, loss: this.surface.value(u, v), sum: this.height(u, v, k), norm: this.slope(u, v, k), zeros, ended: this.given.waits } };
  }
  /** The norm of the objective's gradient, under L1 of its least subgradient. */
  slope(u, v, k) {
    const { l1, l2 } = this.given.penalty, lam = this.given.lam[k], own = this.surface.gradient(u, v);
    const least = [u, v].map((each, i) => {
      if (each === 0 && l1 > 0 && lam > 0) return Math.max(Math.abs(own[i]) - lam * l1, 0);
      return own[i] + lam * (l1 * Math.sign(each) + 2 * l2 * each);
    });
    return Math.hypot(...least);
  }

  // ----------------------------------------------------------------------------------------------------------- certificate

  /** The largest difference from where core's runs end, over the window's width. Of runs that left for good nothing is compared but that they did. */
  *compare(values, { ends, taken }) {
    const { rules, lam, surface, steps } = this.given, [[left, right]] = surface.bounds;
    let gap = 0;
    for (const [i, each] of rules.entries()) {
      for (let k = 0; k < lam.length; k++) {
        const found = this.run(each, values, k, each.rates[k]), n = 2 * (i * lam.length + k);
        if (found.taken !== taken[n / 2]) gap = Math.max(gap, 1);
        else if (found.taken === steps) for (const j of [0, 1]) gap = Math.max(gap, Math.abs(found.x[2 * steps + j] - ends[n + j]) / (right - left));
        yield;
      }
    }
    return gap;
  }
}

/** A curve's height at a rate, straight between its points on logarithmic axes. */
function along(grid, heights, rate) {
  let i = 0;
  while (i < grid.length - 2 && grid[i + 1] < rate) i++;
  const share = clamp((Math.log(rate) - Math.log(grid[i])) / (Math.log(grid[i + 1]) - Math.log(grid[i])), 0, 1);
  return Math.exp((1 - share) * Math.log(heights[i]) + share * Math.log(heights[i + 1]));
}
