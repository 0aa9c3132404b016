// "Diamond and circle" in a hand: the loss's minimum, the ends of its ellipse's axes, and the region's edge.
//
// The Hessian has the eigenvalues `curvature` and `curvature / condition`; `tilt` turns the flat direction from the w1 axis, in degrees.

import { aloud, shaped } from "./held.js";
import { area, supports } from "./polygons.js";
import { Quadratic, cost, family, residual } from "./quadratic.js";

const MARKS = [0.08, 0.95, 11]; // roots of the contours' heights, as in core/figures/constraint_plane.py
const ARROW = 0.16; // of the window's width
const STEEPER = 1.05; // an arrow key's share of a length

/** The loss that values describe. */
export function problemOf({ curvature, condition, tilt, centre1, centre2 }, floor = 0) {
  const angle = (tilt * Math.PI) / 180, [c, s] = [Math.cos(angle), Math.sin(angle)].map((each) => (Math.abs(each) < 1e-15 ? 0 : each));
  const low = curvature / condition;
  return new Quadratic([low * c * c + curvature * s * s, (low - curvature) * c * s, low * s * s + curvature * c * c], [centre1, centre2], floor);
}

export class Ellipse {
  constructor(given) {
    this.given = given;
    this.axes = ["t"];
    const { half } = given, ticks = (count) => Float64Array.from({ length: count }, (_, i) => -half + (2 * half * i) / (count - 1));
    this.flatGrid = ticks(given.plane);
    this.deepGrid = ticks(given.surface);
  }

  // -------------------------------------------------------------------------------------------------- what is taken hold of

  solved(values) {
    if (this.values !== values) {
      this.values = values;
      const { problem } = this.given; // of data, as they are
      this.problem = problem ? new Quadratic(problem.hessian, problem.centre, problem.floor) : problemOf(values);
      const { penalties, axis } = this.given;
      this.found = penalties.map((penalty) => ({ penalty, ...family(this.problem, penalty, axis, this.given.values) }));
    }
    return this.found;
  }
  /** Half axes of the level set that is taken hold of, the flat one first, as vectors. */
  reach({ curvature, condition, tilt }) {
    const size = Math.sqrt(2 * this.given.level / curvature), angle = (tilt * Math.PI) / 180, [c, s] = [Math.cos(angle), Math.sin(angle)];
    return { flat: [size * Math.sqrt(condition) * c, size * Math.sqrt(condition) * s], steep: [-size * s, size * c] };
  }
  place(name, values, at) {
    const { centre1, centre2 } = values;
    if (name === "centre") return [centre1, centre2];
    if (name !== "edge") return this.shown(values, this.reach(values)[name]);
    // Where the solution is not: across the origin from it.
    const [{ w, budget, penalty }] = this.solved(values), k = Math.min(at.t ?? 0, budget.length - 1), x = w[2 * k] > 0 ? -1 : 1, y = w[2 * k + 1] > 0 ? -1 : 1;
    const far = radius(penalty, Math.SQRT1_2, Math.SQRT1_2, budget[k]);
    return [x * far * Math.SQRT1_2, y * far * Math.SQRT1_2];
  }
  /** The end of an axis from the minimum, or where the axis leaves the window: a ravine is longer than any window. */
  shown({ centre1, centre2 }, [u, v]) {
    const edge = 0.97 * this.given.half;
    let part = 1;
    for (const [from, step] of [[centre1, u], [centre2, v]]) if (Math.abs(from + step) > edge) part = Math.min(part, (Math.sign(step) * edge - from) / step);
    return [centre1 + Math.max(part, 0.02) * u, centre2 + Math.max(part, 0.02) * v];
  }

  drag(name, [x, y], { values, from }, at) {
    if (name === "centre") return { centre1: x, centre2: y };
    if (name === "edge") return { axis: "t", index: this.member(cost(this.given.penalties[0], x, y)) };
    // Lengths count against where the hand took hold, so that an end that lies outside of the window can be moved, too.
    const { centre1, centre2 } = values, far = Math.hypot(x - centre1, y - centre2) / Math.hypot(from[0] - centre1, from[1] - centre2);
    return this.stretched(name, values, Math.max(far, 1e-3), Math.atan2(y - centre2, x - centre1));
  }
  /** An axis `times` as long, in the direction of an angle; the other one keeps its length. */
  stretched(name, { curvature, condition }, times, angle) {
    const tilt = wrapped((angle * 180) / Math.PI - (name === "flat" ? 0 : 90));
    if (name === "flat") return { tilt, condition: condition * times * times };
    const steep = curvature / (times * times);
    return { tilt, curvature: steep, condition: Math.max(1, steep / (curvature / condition)) };
  }
  nudge(name, across, up, values, at) {
    if (name === "edge") return { axis: "t", index: this.stepped(at.t ?? 0, across + up) };
    if (name === "centre") return { centre1: values.centre1 + across * this.given.step, centre2: values.centre2 + up * this.given.step };
    const angle = (values.tilt * Math.PI) / 180 + (name === "flat" ? 0 : Math.PI / 2);
    // To the left turns it counter-clockwise, as the hand of a clock seen from the top.
    return this.stretched(name, values, STEEPER ** up, angle - (across * Math.PI) / 180);
  }
  says(name, values, at) {
    if (name === "centre") return { now: values.centre1, low: -4, high: 4, text: `w1 ${aloud(values.centre1)}, w2 ${aloud(values.centre2)}` };
    if (name === "edge") {
      const [{ budget }] = this.solved(values), now = budget[Math.min(at.t ?? 0, budget.length - 1)];
      return { now, low: 0, high: Math.max(...budget.filter(Number.isFinite)), text: `budget ${aloud(now)}` };
    }
    const words = name === "flat" ? `condition number ${aloud(values.condition)}` : `steepness ${aloud(values.curvature)}`;
    return { now: values.tilt, low: -90, high: 90, text: `${words}, tilt ${aloud(values.tilt)} degrees` };
  }
  /** The member whose region has the edge nearest to a budget. */
  member(budget) {
    const own = this.solved(this.values)[0].budget;
    let best = 0;
    own.forEach((each, k) => Math.abs(each - budget) < Math.abs(own[best] - budget) && (best = k));
    return best;
  }
  /** Up and right is outwards: to a larger budget, which is a smaller lambda. */
  stepped(k, steps) {
    return Math.min(Math.max(k + (this.given.axis === "lam" ? -steps : steps), 0), this.given.values.length - 1);
  }

  // ------------------------------------------------------------------------------------------------------ what views show

  show(name, values, at) {
    const found = this.solved(values), k = Math.min(at.t ?? 0, this.given.values.length - 1);
    return { "constraint-plane": this.plane, "weight-path": this.path, "support-map": this.support, "penalised-surface": this.surface, numbers: this.numbers }[name]?.call(this, found, values, k);
  }

  plane(found, values, k) {
    const { problem, given } = this, [{ w, loss, lam, budget, penalty }] = found, marks = {};
    for (const each of found) {
      const { key } = each.penalty;
      marks[`path-${key}`] = marks[`solution-${key}`] = { xy: each.w };
      marks[`region-${key}`] = regionOf(each, k);
    }
    marks.minimum = { xy: shaped([problem.c1, problem.c2], 2) };
    marks["level-set"] = { xy: ring(problem), scale: shaped(loss.map((each) => Math.sqrt(Math.max(each - problem.floor, 0))), loss.length), origin: [problem.c1, problem.c2] };
    Object.assign(marks, this.forces(w[2 * k], w[2 * k + 1], penalty), this.grip(values));
    const base = heights(problem, this.flatGrid), top = base.reduce((a, b) => Math.max(a, b)), [first, last, count] = MARKS;
    const levels = Float64Array.from({ length: count }, (_, i) => (first + ((last - first) * i) / (count - 1)) ** 2 * (top - problem.floor));
    const sum = given.contours === "loss" ? 0 : Math.min(lam[k], 1e6), floor = sum ? loss[k] + sum * budget[k] : problem.floor;
    return { marks, blends: [{ base, levels, floor: [floor], factor: lam.map((each) => (given.contours === "loss" ? 0 : Math.min(each, 1e6))) }] };
  }
  /** Minus the gradient, and the edges of the normal cone, as core/figures/constraint_plane.py draws them. */
  forces(x, y, { l1, l2 }) {
    const { problem, given } = this, length = 2 * given.half * ARROW, [g1, g2] = problem.gradient(x, y), size = Math.hypot(g1, g2);
    const scale = Math.max(Math.abs(problem.q1), Math.abs(problem.q2)), on = size > 1e-9 * scale ? length / size : 0;
    const slope = [x, y].map((each) => l1 * Math.sign(each) + 2 * l2 * each), open = [x, y].map((each) => (each === 0 && !(x === 0 && y === 0) ? l1 : 0));
    const edges = [1, -1].map((side) => {
      const u = slope[0] + side * Math.sign(slope[1]) * open[0], v = slope[1] - side * Math.sign(slope[0]) * open[1], far = Math.hypot(u, v) || 1;
      return [x + (length * u) / far, y + (length * v) / far];
    });
    return { pull: { xy: shaped([x, y, x - on * g1, y - on * g2], 1, 2, 2) }, "normal-cone": { xy: shaped([x, y, ...edges.flat()], 1, 3, 2) } };
  }
  grip(values) {
    const { centre1, centre2 } = values, ends = this.reach(values);
    return { grip: { xy: shaped([ends.flat, ends.steep].flatMap((end) => [centre1, centre2, ...this.shown(values, end)]), 4, 2) } };
  }

  path(found) {
    const { values, half } = this.given, k = values.length, marks = {};
    let low = 0, high = 0;
    for (const { penalty, w } of found) {
      for (const i of [0, 1]) {
        const column = Float64Array.from({ length: k }, (_, n) => w[2 * n + i]);
        low = Math.min(low, ...column);
        high = Math.max(high, ...column);
        marks[`held-${penalty.key}-${i}`] = { xy: Object.assign(column, { shape: [k] }) };
        if (penalty === found[0].penalty) marks[`w${i + 1}`] = { xy: shaped(Array.from(values, (x, n) => [x, column[n]]).flat(), k, 2) };
      }
    }
    // The frame grows in steps: the axes cost as much as many frames.
    const step = half / 5, [from, to] = this.given.frame;
    const range = low < from || high > to ? [NaN, NaN, Math.min(from, step * Math.floor(1.2 * low / step - 0.5)), Math.max(to, step * Math.ceil(1.2 * high / step + 0.5))] : undefined;
    return { marks, range };
  }

  support(found, values, k) {
    const { problem, given } = this, [{ penalty, lam, budget }] = found, { half } = given;
    const size = given.axis === "lam" ? { lam: lam[k] } : { budget: budget[k] };
    const { regions, lines } = supports(problem, penalty, half, size, boundaryOf(penalty, budget[k], 97).slice(0, -1));
    const marks = { here: { xy: shaped([problem.c1, problem.c2], 2) } }, nothing = { xy: shaped([NaN, NaN], 1, 1, 2) };
    regions.forEach(({ zeros, inactive, polygon }, i) => {
      const whole = polygon.length ? { xy: shaped(polygon.flat(), 1, polygon.length, 2) } : nothing;
      if (inactive) marks.inactive = whole;
      else if (zeros.length) {
        marks[`support-${i}`] = whole;
        const wide = [0, 1].map((j) => Math.max(...polygon.map((point) => point[j])) - Math.min(...polygon.map((point) => point[j])));
        const legible = polygon.length && area(polygon) > 0.16 * half * Math.max(...wide), middle = [0, 1].map((j) => polygon.reduce((sum, point) => sum + point[j], 0) / polygon.length);
        marks[`label-${i}`] = { xy: shaped(legible ? middle : [NaN, NaN], 1, 2) };
      }
    });
    lines.forEach((line, i) => (marks[`line-${i}`] = { xy: shaped(line.flat(), 1, 2, 2) }));
    return { marks, caption: given.shares };
  }

  surface(found, values, k) {
    const { problem } = this, [{ w, lam, budget, loss, penalty }] = found, base = heights(problem, this.deepGrid), sum = Math.min(lam[k], 1e6);
    const bottom = loss[k] + (Number.isFinite(budget[k]) ? sum * budget[k] : 0), sorted = base.slice().sort(), top = problem.floor + 1.15 * (sorted[Math.floor(0.9 * sorted.length)] - problem.floor);
    return { blends: [{ base, point: [w[2 * k], w[2 * k + 1], Math.min(bottom + 0.05 * (top - problem.floor), top)] }], penalty };
  }

  numbers(found, values, k) {
    const { problem } = this, [{ w, lam, budget, loss, penalty }] = found, x = w[2 * k], y = w[2 * k + 1];
    const zeros = ["w₁", "w₂"].filter((_, i) => w[2 * k + i] === 0);
    const words = zeros.length === 2 ? "w₁ and w₂ are 0." : zeros.length ? `${zeros[0]} = 0.` : "none";
    return { values: { w1: x, w2: y, lam: lam[k], budget: budget[k], paid: Math.max(loss[k] - problem.floor, 0), kkt: Number.isFinite(lam[k]) ? residual(problem, penalty, x, y, lam[k]) : 0, zeros: words } };
  }

  // ----------------------------------------------------------------------------------------------------------- certificate

  /** The largest difference from core's solutions, in a weight. */
  *compare(values, { w }) {
    const [{ w: own }] = new Ellipse(this.given).solved(values);
    let gap = 0;
    for (let i = 0; i < w.length; i++) gap = Math.max(gap, Math.abs(own[i] - w[i]));
    yield;
    return own.some(Number.isNaN) ? Infinity : gap;
  }
}

const wrapped = (degrees) => {
  const turned = ((((degrees + 90) % 180) + 180) % 180) - 90;
  return turned === -90 ? 90 : turned;
};

/** How far the boundary R = budget is along a direction. */
function radius({ l1, l2 }, u, v, budget) {
  const linear = l1 * (Math.abs(u) + Math.abs(v)), root = linear + Math.sqrt(linear * linear + 4 * l2 * budget);
  return root > 0 ? (2 * budget) / root : 0;
}
/** The boundary of a region, once around; its corners on the axes are among the points. */
function boundaryOf(penalty, budget, count) {
  return Array.from({ length: count }, (_, i) => {
    const angle = (2 * Math.PI * i) / (count - 1), on = (each) => (Math.abs(each) < 1e-12 ? 0 : each), u = on(Math.cos(angle)), v = on(Math.sin(angle)), far = radius(penalty, u, v, budget);
    return [far * u, far * v];
  });
}
/** A region as core/figures/constraint_plane.py sends it: one shape and k sizes where all sizes look alike. */
function regionOf({ penalty, budget }, k) {
  const { l1, l2 } = penalty;
  if (l1 > 0 && l2 > 0) return { xy: shaped(boundaryOf(penalty, budget[k], 65).flat(), 1, 65, 2) };
  const shape = boundaryOf(penalty, 1, l2 === 0 ? 5 : 97);
  return { xy: shaped(shape.flat(), shape.length, 2), scale: shaped(l2 === 0 ? budget : budget.map(Math.sqrt), budget.length) };
}
/** The ellipse L = floor + 1 about the origin. */
function ring({ values: [small, large], flat, steep }) {
  const count = 161, [p, q] = [Math.sqrt(2 / small), Math.sqrt(2 / large)];
  return shaped(Array.from({ length: count }, (_, i) => {
    const u = p * Math.cos((2 * Math.PI * i) / (count - 1)), v = q * Math.sin((2 * Math.PI * i) / (count - 1));
    return [u * flat[0] + v * steep[0], u * flat[1] + v * steep[1]];
  }).flat(), count, 2);
}
function heights(problem, ticks) {
  const n = ticks.length, out = new Float32Array(n * n);
  for (let j = 0; j < n; j++) for (let i = 0; i < n; i++) out[j * n + i] = problem.value(ticks[i], ticks[j]);
  return Object.assign(out, { shape: [n, n] });
}
