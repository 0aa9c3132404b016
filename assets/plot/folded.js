// One weight's density exp(-P w^2/2 + B w - a |w|) while a hand moves the data: integrals by Gauss's rule on either side of the mode and of zero.
// core/statistics/priors/folded.py has the closed forms, which are what the page shows when the hand has let go.

// Nodes and weights of Gauss's rule with 16 nodes on (-1, 1), those above zero.
const NODES = [0.0950125098376374, 0.2816035507792589, 0.4580167776572274, 0.6178762444026438, 0.755404408355003, 0.8656312023878318, 0.9445750230732326, 0.9894009349916499];
const WEIGHTS = [0.1894506104550685, 0.1826034150449236, 0.1691565193950025, 0.1495959888165767, 0.1246289712555339, 0.0951585116824928, 0.0622535239386479, 0.0271524594117541];
const DEEP = 40; // what is this far below the peak, as a logarithm, is nothing

/** Calls back with (x, weight) for each node of Gauss's rule on an interval. */
function gauss(low, high, visit) {
  const middle = 0.5 * (low + high), half = 0.5 * (high - low);
  for (let i = 0; i < NODES.length; i++) {
    visit(middle + half * NODES[i], half * WEIGHTS[i]);
    visit(middle - half * NODES[i], half * WEIGHTS[i]);
  }
}

export class Folded {
  constructor(precision, pull, crease) {
    Object.assign(this, { precision, pull, crease });
    this.mode = (Math.sign(pull) * Math.max(Math.abs(pull) - crease, 0)) / precision + 0;
    if (!(precision > 0)) this.mode = 0;
    this.top = this.log(this.mode);
    this.low = this.end(-1);
    this.high = this.end(1);
    const cuts = [this.low, 0, this.mode, this.high].filter((each) => each >= this.low && each <= this.high).sort((a, b) => a - b);
    this.panels = cuts.slice(1).map((to, i) => [cuts[i], to]).filter(([from, to]) => to > from).flatMap(([from, to]) => [[from, 0.5 * (from + to)], [0.5 * (from + to), to]]);
  }
  log(w) {
    return -0.5 * this.precision * w * w + this.pull * w - this.crease * Math.abs(w);
  }
  /** The density over its highest point. */
  height(w) {
    return Math.exp(this.log(w) - this.top);
  }
  /** Where the density has come to DEEP below its top, on one side of the mode. */
  end(side) {
    const { precision: p, mode } = this, near = Math.sqrt((2 * DEEP) / p);
    // On the mode's own side of zero the fall is a parabola's.
    if (mode * side > 0 || (mode !== 0 && Math.abs(mode) >= near)) return mode + side * near;
    // Beyond zero: the larger root of p t^2 / 2 - slope t = what is left of DEEP, of its two forms the one in which nothing cancels.
    const slope = side * this.pull - this.crease, rest = DEEP - (mode === 0 ? 0 : 0.5 * p * mode * mode);
    if (!(p > 0)) return (side * rest) / -slope;
    const root = Math.sqrt(slope * slope + 2 * p * rest);
    return side * (slope >= 0 ? (slope + root) / p : (2 * rest) / (root - slope));
  }
  moments() {
    if (this.known) return this.known;
    let mass = 0, first = 0, second = 0;
    for (const [from, to] of this.panels) {
      gauss(from, to, (w, weight) => {
        const part = weight * this.height(w), off = w - this.mode;
        mass += part;
        first += part * off;
        second += part * off * off;
      });
    }
    const off = first / mass; // about the mode, so that nothing cancels
    return (this.known = { mass, mean: this.mode + off, deviation: Math.sqrt(Math.max(0, second / mass - off * off)), logZ: Math.log(mass) + this.top });
  }
  /** P(|w| < eps). */
  within(eps) {
    let mass = 0;
    for (const [from, to] of this.panels) {
      const low = Math.max(from, -eps), high = Math.min(to, eps);
      if (high > low) gauss(low, high, (w, weight) => (mass += weight * this.height(w)));
    }
    return Math.min(1, mass / this.moments().mass);
  }
  /** The sample that two uniform numbers make: which side of zero, and how far out there. */
  sampler() {
    const quantile = this.quantiles(), positive = 1 - quantile.below(0);
    return (side, size) => (side < positive ? quantile(1 - positive * size) : quantile((1 - positive) * size));
  }
  /** Quantiles by the distribution function on a grid, straight between its points: a function of a share. */
  quantiles(count = 48) {
    const places = [this.panels[0]?.[0] ?? 0], sums = [0];
    for (const [from, to] of this.panels) {
      for (let i = 1; i <= count / 4; i++) {
        const w = from + ((to - from) * i) / (count / 4), before = places[places.length - 1];
        sums.push(sums[sums.length - 1] + ((w - before) * (this.height(before) + 4 * this.height(0.5 * (before + w)) + this.height(w))) / 6);
        places.push(w);
      }
    }
    const total = sums[sums.length - 1];
    const below = (w) => {
      const i = places.findIndex((each) => each >= w);
      return i < 0 ? 1 : sums[i] / total; // zero is one of the places
    };
    return Object.assign((share) => {
      const wanted = share * total;
      let low = 0, high = sums.length - 1;
      while (high - low > 1) {
        const middle = (low + high) >> 1;
        if (sums[middle] <= wanted) low = middle;
        else high = middle;
      }
      const part = sums[high] > sums[low] ? (wanted - sums[low]) / (sums[high] - sums[low]) : 0;
      return places[low] + part * (places[high] - places[low]);
    }, { below });
  }
}
