// What a hand moves in "Diamond and circle" and in "Priors": a quadratic of two weights and a penalty l1 |w|_1 + l2 |w|_2^2, solved while the hand moves.
//
// The same closed forms as core/regularized: each sign pattern by itself, and of the candidates the one that violates the optimality conditions
// least. On release core solves the same problem, and the page shows by how much the two differ; tests do so for thousands of problems.

const EPS = 2 ** -52, ROUNDINGS = 8 * EPS;
const STEPS = 60; // of Newton's method on the secular equation: at most 16 are taken
const SMALL = 1e-150; // stands for lambda -> 0 where the Hessian is singular
const QUADRANTS = [[1, 1], [1, -1], [-1, 1], [-1, -1]];

/**
 * 1/2 (w - c)'H(w - c) + floor, of a positive definite H = [[a, b], [b, d]].
 *
 * `pull`: H c, where that is what is known; the centre is then never asked for, and H may be singular.
 */
export class Quadratic {
  constructor([a, b, d], [c1, c2], floor = 0, pull = [a * c1 + b * c2, b * c1 + d * c2]) {
    Object.assign(this, { a, b, d, c1, c2, floor, q1: pull[0], q2: pull[1] });
    const middle = 0.5 * (a + d), reach = Math.hypot(0.5 * (a - d), b);
    const large = middle + reach, small = large > 0 ? (a * d - b * b) / large : 0; // a product, so that nothing cancels in a ravine
    this.values = [Math.max(0, small), large];
    // The steep eigenvector by the larger of the two columns of H - small I.
    const [u, v] = Math.abs(a - small) > Math.abs(d - small) ? [a - small, b] : [b, d - small], length = Math.hypot(u, v);
    const [x, y] = length > 0 ? [u / length, v / length] : [0, 1];
    this.flat = [y, -x];
    this.steep = [x, y];
    this.turned = [this.q1 * y - this.q2 * x, this.q1 * x + this.q2 * y];
    this.scale = Math.max(1, Math.abs(this.q1), Math.abs(this.q2));
  }
  value(x, y) {
    const u = x - this.c1, v = y - this.c2;
    return 0.5 * (this.a * u * u + 2 * this.b * u * v + this.d * v * v) + this.floor;
  }
  gradient(x, y) {
    const u = x - this.c1, v = y - this.c2;
    return [this.a * u + this.b * v, this.b * u + this.d * v];
  }
}

export const cost = ({ l1, l2 }, x, y) => l1 * (Math.abs(x) + Math.abs(y)) + l2 * (x * x + y * y);

/** How far w is from optimal: the distance of minus the gradient from lambda times the subgradients of R. */
function violation({ q1, q2, a, b, d }, { l1, l2 }, x, y, lam) {
  const down1 = q1 - (a * x + b * y) - 2 * l2 * lam * x, down2 = q2 - (b * x + d * y) - 2 * l2 * lam * y, cut = l1 * lam;
  const one = x === 0 ? Math.max(Math.abs(down1) - cut, 0) : Math.abs(down1 - cut * Math.sign(x));
  const other = y === 0 ? Math.max(Math.abs(down2) - cut, 0) : Math.abs(down2 - cut * Math.sign(y));
  return Math.max(one, other);
}
export const residual = (problem, penalty, x, y, lam) => violation(problem, penalty, x, y, lam) / problem.scale;

const soft = (value, cut) => Math.sign(value) * Math.max(Math.abs(value) - cut, 0) + 0;
const positive = (value) => (value > 0 ? value : 1);

/** Of candidates (x, y, violation) in turn the first of the least violation; what is optimal to rounding ties. */
class Best {
  constructor(problem) {
    this.pull = Math.max(Math.abs(problem.q1), Math.abs(problem.q2));
    this.steep = Math.max(Math.abs(problem.a), Math.abs(problem.b), Math.abs(problem.d));
    this.clear();
  }
  clear() {
    this.rank = Infinity;
    this.x = this.y = this.lam = NaN;
  }
  offer(x, y, worst, lam) {
    const rounding = ROUNDINGS * (this.pull + this.steep * Math.max(Math.abs(x), Math.abs(y)));
    const rank = worst <= rounding ? 0 : worst;
    if (rank < this.rank) Object.assign(this, { rank, x, y, lam }); // a NaN is less than nothing
  }
}

/** argmin L + lambda R, [x, y], of one lambda. */
export function penalized(problem, penalty, lam, best = new Best(problem)) {
  const { a, d, q1, q2, values, turned, flat, steep } = problem, { l1, l2 } = penalty, cut = lam * l1, shift = 2 * lam * l2;
  if (lam === 0) return [problem.c1, problem.c2];
  best.clear();
  const at = (x, y) => best.offer(x, y, violation(problem, penalty, x, y, lam), lam);
  at(soft(q1, cut) / positive(a + shift), 0);
  at(0, soft(q2, cut) / positive(d + shift));
  for (const [s, t] of QUADRANTS) {
    const u = (turned[0] - cut * (flat[0] * s + flat[1] * t)) / (values[0] + shift), v = (turned[1] - cut * (steep[0] * s + steep[1] * t)) / (values[1] + shift);
    at(flat[0] * u + steep[0] * v, flat[1] * u + steep[1] * v);
    if (l1 === 0) break; // no signs then
  }
  return [best.x, best.y];
}

/** argmin L subject to R <= budget, and its multiplier: [x, y, lambda]. */
export function constrained(problem, penalty, budget, best = new Best(problem)) {
  const { a, d, c1, c2, q1, q2, flat, steep } = problem, { l1, l2 } = penalty;
  if (budget >= cost(penalty, c1, c2)) return [c1, c2, 0];
  if (budget === 0) {
    const pull = Math.max(Math.abs(q1), Math.abs(q2));
    return [0, 0, pull === 0 ? 0 : l1 > 0 ? pull / l1 : Infinity];
  }
  best.clear();
  const corner = (2 * budget) / (l1 + Math.sqrt(l1 * l1 + 4 * l2 * budget)), steepness = l1 + 2 * l2 * corner;
  const at = (x, y, given) => {
    const lam = Math.max(given, 0), spent = cost(penalty, x, y);
    best.offer(x, y, Math.max(violation(problem, penalty, x, y, lam), Math.abs(spent - budget)), lam);
  };
  for (const sign of [1, -1]) at(sign * corner, 0, (sign * (q1 - a * sign * corner)) / steepness);
  for (const sign of [1, -1]) at(0, sign * corner, (sign * (q2 - d * sign * corner)) / steepness);
  for (const signs of QUADRANTS) {
    const [lam, u, v] = multiplier(problem, signs, penalty, budget);
    at(flat[0] * u + steep[0] * v, flat[1] * u + steep[1] * v, lam);
    if (l1 === 0) break;
  }
  return [best.x, best.y, best.lam];
}

/** Which lambda spends a budget once the signs are known, and w in the eigenbasis; NaN where none does (core/regularized/_secular.py). */
function multiplier({ values: [h0, h1], turned: [q0, q1], flat, steep }, [s, t], { l1, l2 }, budget) {
  const d0 = l1 * (flat[0] * s + flat[1] * t), d1 = l1 * (steep[0] * s + steep[1] * t), kappa = l2 > 0 ? (l1 * l1) / (2 * l2) : Infinity;
  let lam = SMALL, u, v, pace0, pace1, step;
  for (let count = 0; count < STEPS; count++) {
    const k0 = h0 + 2 * l2 * lam, k1 = h1 + 2 * l2 * lam;
    u = (q0 - lam * d0) / k0;
    v = (q1 - lam * d1) / k1;
    const spent = u * (d0 + l2 * u) + v * (d1 + l2 * v), slope0 = d0 + 2 * l2 * u, slope1 = d1 + 2 * l2 * v;
    pace0 = h0 > 0 ? -slope0 / k0 : 0;
    pace1 = h1 > 0 ? -slope1 / k1 : 0;
    const steepness = slope0 * pace0 + slope1 * pace1, root = Math.sqrt(1 + (spent - budget) / (budget + kappa));
    step = (-(spent - budget) / steepness) * ((2 * root * root) / (1 + root));
    if (count === 0) {
      const rounding = 64 * EPS * (Math.max(Math.abs(q0), Math.abs(q1)) + h1 * Math.max(Math.abs(u), Math.abs(v)));
      if (!(spent > budget || Math.abs(step) * Math.max(Math.abs(slope0), Math.abs(slope1)) <= rounding)) return [NaN, NaN, NaN];
    }
    lam += step;
    if (!(step > 1e-13 * lam)) break;
  }
  return [Math.max(lam, 0), u + pace0 * step, v + pace1 * step];
}

/** A family of either kind: w (k, 2), lambda, budget, loss and the residual, (k,) each. */
export function family(problem, penalty, axis, values) {
  const k = values.length, column = () => new Float64Array(k), best = new Best(problem);
  const found = { w: Object.assign(new Float64Array(2 * k), { shape: [k, 2] }), lam: column(), budget: column(), loss: column(), kkt: column() };
  for (let i = 0; i < k; i++) {
    const given = values[i], [x, y, own] = axis === "lam" ? penalized(problem, penalty, given, best) : constrained(problem, penalty, given, best);
    const lam = axis === "lam" ? given : own, spent = cost(penalty, x, y);
    found.w[2 * i] = x;
    found.w[2 * i + 1] = y;
    found.lam[i] = lam;
    found.budget[i] = axis === "lam" ? spent : given;
    found.loss[i] = problem.value(x, y);
    const over = axis === "lam" ? 0 : Math.max(Math.max(spent - given, 0), given > 0 ? Math.abs(lam * (spent - given)) : 0);
    found.kkt[i] = Math.max(given > 0 || axis === "lam" ? violation(problem, penalty, x, y, lam) : 0, over) / problem.scale;
  }
  return found;
}
