// The update rules, and the descent of one run, for a start that a hand moves (core/optimizers.py and core/descent/loop.py are the same in Python; tests
// hold one against the other for every rule, treatment and penalty of the registry).
//
// A rule observes a gradient into its state and moves by rate x metric x direction, as there. Hyperparameters come from core by name.

const sum = (momentum, dampening, step) => {
  const fresh = 1 - dampening * (momentum !== 0 ? 1 : 0), oldest = momentum ** (step - 1);
  return oldest + (fresh * (1 - oldest)) / (1 - momentum);
};
const each = (make) => [make(0), make(1)];
const next = (t) => (1 + Math.sqrt(1 + 4 * t * t)) / 2;
const same = (state, x) => x;
const begin = () => ({ step: 0, gradient: [0, 0], first: [0, 0], second: [0, 0] });

const sgd = {
  begin, lookahead: same,
  observe({ momentum, dampening }, gradient, { step, first, second }) {
    if (momentum === 0 || step === 0) return { step: step + 1, gradient, first: gradient, second };
    const fresh = 1 - dampening;
    return { step: step + 1, gradient, first: each((i) => momentum * first[i] + (dampening === 0 ? gradient[i] : fresh * gradient[i])), second };
  },
  metric({ momentum, dampening }, { step }) {
    const weights = momentum === 0 ? 1 : sum(momentum, dampening, step);
    return [weights, weights];
  },
  move: (_, { first }) => first,
};
const rmsprop = {
  begin, lookahead: same,
  observe({ alpha, eps, momentum }, gradient, { step, first, second }) {
    const mean = each((i) => alpha * second[i] + (1 - alpha) * gradient[i] * gradient[i]);
    const scaled = each((i) => gradient[i] / (Math.sqrt(mean[i]) + eps));
    return { step: step + 1, gradient, first: momentum === 0 ? scaled : each((i) => momentum * first[i] + scaled[i]), second: mean };
  },
  metric({ eps, momentum }, { step, second }) {
    return each((i) => {
      const scaling = 1 / (Math.sqrt(second[i]) + eps);
      return momentum === 0 ? scaling : (scaling * (1 - momentum ** step)) / (1 - momentum);
    });
  },
  move: (_, { first }) => first,
};
const adam = {
  begin, lookahead: same,
  observe({ betas: [one, two] }, gradient, { step, first, second }) {
    return {
      step: step + 1, gradient,
      first: each((i) => one * first[i] + (1 - one) * gradient[i]),
      second: each((i) => two * second[i] + (1 - two) * gradient[i] * gradient[i]),
    };
  },
  metric: ({ betas, eps }, { step, second }) => each((i) => 1 / (Math.sqrt(second[i] / (1 - betas[1] ** step)) + eps)),
  direction: ({ betas }, { step, first }) => each((i) => first[i] / (1 - betas[0] ** step)),
  move(rule, state) {
    const scaling = adam.metric(rule, state), way = adam.direction(rule, state);
    return each((i) => scaling[i] * way[i]);
  },
};

/** By the registry's keys. `scales` says that the metric is one number a coordinate, a preconditioner, and not momentum's own. */
export const RULES = {
  sgd, momentum: sgd,
  nesterov: {
    ...sgd,
    metric: ({ momentum }, { step }) => each(() => 1 + momentum * sum(momentum, 0, step)),
    move: ({ momentum }, { gradient, first }) => each((i) => gradient[i] + momentum * first[i]),
  },
  rmsprop: { ...rmsprop, scales: true, direction: (rule, { gradient, first, ...state }) => (rule.momentum === 0 ? gradient : each((i) => first[i] / rmsprop.metric(rule, state)[i])) },
  adagrad: {
    begin: ({ initial_accumulator_value: value }) => ({ ...begin(), second: [value, value] }), lookahead: same, scales: true,
    observe: (_, gradient, { step, first, second }) => ({ step: step + 1, gradient, first, second: each((i) => second[i] + gradient[i] * gradient[i]) }),
    metric: ({ eps, lr_decay: decay }, { step, second }) => each((i) => 1 / (Math.sqrt(second[i]) + eps) / (decay === 0 ? 1 : 1 + (step - 1) * decay)),
    direction: (_, { gradient }) => gradient,
    move(rule, state) {
      const scaling = this.metric(rule, state);
      return each((i) => scaling[i] * state.gradient[i]);
    },
  },
  adam: { ...adam, scales: true },
  adamw: { ...adam, scales: true, decoupled: true },
  fista: {
    begin: (_, x) => ({ step: 0, gradient: [0, 0], first: x, second: 1 }),
    lookahead({ step, first, second }, x) {
      const share = (second - 1) / next(second);
      return step === 0 ? x : each((i) => x[i] + share * (x[i] - first[i]));
    },
    observe: (_, gradient, { step, first, second }) => ({ step: step + 1, gradient, first, second: step === 0 ? second : next(second) }),
    metric: () => [1, 1],
    move: (_, { gradient }) => gradient,
    keeps: true, // its iterate before, which the step needs
  },
};

/**
 * One run: its iterates (T + 1, 2), and how many steps it took before it left for good.
 *
 * run: {key, rule, lr, penalty: {l1, l2}, lam, treatment, noise: (T, 2) or nothing}; `take`, where given, is told of every step's stages.
 */
export function descend(surface, { key, rule, lr, penalty, lam, treatment, noise }, start, steps, take) {
  const kind = RULES[key], acts = lam > 0 && (penalty.l1 > 0 || penalty.l2 > 0), how = acts ? treatment : "none";
  const pull = lam * penalty.l1, spring = 2 * lam * penalty.l2, decay = rule.weight_decay || 0;
  const slopeAt = (x) => each((i) => pull * Math.sign(x[i]) + spring * x[i]);
  const x = Object.assign(new Float64Array(2 * (steps + 1)), { shape: [steps + 1, 2] }), dead = [false, false];
  let now = start, state = kind.begin(rule, start), taken = steps;
  for (let t = 0; t < steps; t++) {
    x[2 * t] = now[0];
    x[2 * t + 1] = now[1];
    if (taken < steps) continue;
    const at = kind.lookahead(state, now), own = surface.gradient(at[0], at[1]);
    const gradient = noise ? each((i) => own[i] + noise[2 * t + i]) : own;
    const slope = how === "subgradient" || how === "clamped" ? slopeAt(at) : undefined;
    let seen = slope ? each((i) => gradient[i] + slope[i]) : gradient, from = now;
    if (kind.decoupled) from = decay === 0 ? now : each((i) => (1 - lr * decay) * now[i]);
    else if (decay !== 0) seen = each((i) => seen[i] + decay * at[i]);
    const after = kind.observe(rule, seen, state), move = kind.move(rule, after), base = kind.keeps ? at : from;
    const moved = each((i) => base[i] - lr * move[i]);
    let fresh = moved;
    if (how === "decoupled") {
      const off = slopeAt(now);
      fresh = each((i) => moved[i] - lr * off[i]);
    } else if (how === "proximal") {
      const metric = kind.metric(rule, after);
      fresh = each((i) => {
        const stride = lr * lam * metric[i];
        return (Math.sign(moved[i]) * Math.max(Math.abs(moved[i]) - stride * penalty.l1, 0)) / (1 + 2 * stride * penalty.l2);
      });
    } else if (how === "clamped") {
      fresh = each((i) => ((dead[i] ||= now[i] * moved[i] < 0 && pull > 0) ? 0 : moved[i]));
    }
    state = kind.keeps ? { ...after, first: now } : after;
    const near = Math.abs(fresh[0]) < surface.limit && Math.abs(fresh[1]) < surface.limit // false for a NaN
      && !(surface.partial && !Number.isFinite(surface.value(fresh[0], fresh[1]))); // nor into a hole
    take?.({ t, at, gradient, seen, moved, fresh, state, now, near, how });
    if (near) now = fresh;
    else taken = t;
  }
  x[2 * steps] = now[0];
  x[2 * steps + 1] = now[1];
  return { x, taken };
}

export const PARTS = ["gradient", "penalty", "momentum", "preconditioner", "decay", "prox"];

/** What each of PARTS adds to a step, as core/anatomy.py takes it apart: six arrows. */
export function parts({ key, rule, lr }, { at, gradient, moved, fresh, state, now, how }) {
  const kind = RULES[key], decay = rule.weight_decay || 0;
  const way = kind.scales ? kind.direction(rule, state) : kind.move(rule, state);
  return each((i) => {
    const plain = -lr * gradient[i], kept = kind.decoupled ? moved[i] + lr * decay * now[i] : moved[i], coupled = -lr * (state.gradient[i] - gradient[i]);
    const averaged = -lr * way[i], scaled = kept - at[i], off = fresh[i] - moved[i];
    return [plain, coupled, averaged - plain - coupled + (at[i] - now[i]), scaled - averaged, moved[i] - kept + (how === "decoupled" ? off : 0), how === "decoupled" ? 0 : off];
  });
}
