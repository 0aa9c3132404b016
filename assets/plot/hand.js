// What a hand has taken hold of on the charts: where it is, all that follows from it, and what core finds for it afterwards.
//
// In: the message of ui.plot.hand. While a hand moves, a model computes here what every view of the group shows, and nothing is sent; when it lets
// go, one trigger "commit" {values, count}. Views say which values they were computed for (`stands`); a view shows what the model computes as long
// as the hand is somewhere else, so each changes over to what core has found when that comes. Then the two are compared, and the difference shown.

import { element, format, write } from "./dom.js";
import { View } from "./groups.js";
import { tell, untold } from "./leave.js";

/** A model computes what the views show from values, by the name that core gives it; a page fetches its own alone. */
const MODELS = {
  beliefs: () => import("./held_beliefs.js").then(({ Beliefs }) => Beliefs),
  ellipse: () => import("./held_ellipse.js").then(({ Ellipse }) => Ellipse),
  point: () => import("./held_point.js").then(({ Point }) => Point),
  start: () => import("./held_start.js").then(({ Start }) => Start),
};
const REST = 250; // milliseconds after a key
const ANSWER = 1500; // milliseconds that an answer takes at most: longer means that it was lost
const FRAME = 8; // milliseconds: what takes more than a frame is asked for once in each
const SLICE = 6; // milliseconds of comparing at a time, so that it holds nothing up

export class Hand extends View {
  constructor(parent, plotlyUrl) {
    super(parent, plotlyUrl);
    this.root = element("p", { className: "lab-hand", role: "status" });
    parent.append(this.root);
    this.version = 0;
    this.kept = new Map();
  }

  async update(message) {
    const Model = (this.known ||= await MODELS[message.model]()), before = this.message;
    if (!this.root.isConnected) return;
    this.message = message;
    this.group.hand = this;
    this.model = new Model(message.given);
    this.kept.clear();
    // Python's values win, unless a hand is on them right now, or what it has let go of is still on its way.
    const same = before && message.ground === before.ground;
    const stale = performance.now() < (this.answerBy || 0) && message.answers !== this.sent;
    if (!same || !(this.held || this.waiting || untold(this) || stale)) this.stand(message.values);
    this.version += 1;
    this.group.touch("hand");
    this.compare();
  }
  /** Be where Python is. */
  stand(values) {
    this.values = this.committed = values;
    this.held = undefined;
    clearTimeout(this.waiting);
    this.waiting = undefined;
  }

  // --------------------------------------------------------------------------------------------------- what views ask for

  /** What a view shows instead of its own columns; nothing while it stands where the hand is. */
  columns({ stands, name }, at) {
    if (stands.ground !== this.message.ground || same(stands.values, this.values)) return undefined;
    const member = this.model.axes.map((axis) => at[axis] ?? 0).join(), known = this.kept.get(name);
    const still = known && known.version === this.version && known.member === member;
    if (still && !(known.more && performance.now() > known.time + FRAME)) return known.columns;
    const columns = this.model.show(name, this.values, at);
    if (columns?.caption && this.alone) columns.caption = this.message.words.alone;
    if (columns?.changed) this.version += 1; // for all others
    this.kept.set(name, { version: this.version, member, columns, more: columns?.more, time: performance.now() });
    if (columns?.more || columns?.changed) this.group.touch("hand"); // it goes on in the next frame
    return columns;
  }
  /** Whether there is no server that could say more: the page is a file. */
  get alone() {
    return Boolean(this.component?.alone);
  }
  /** Whether something may be taken hold of. */
  free(name) {
    return Boolean(this.message) && !this.message.locked.includes(name) && this.model.place(name, this.values, this.group.at) !== undefined;
  }

  // ------------------------------------------------------------------------------------------------------------ the hand

  take(name) {
    clearTimeout(this.waiting);
    this.waiting = undefined;
    this.held ||= { name, before: this.values };
    this.root.style.minHeight = `${this.root.offsetHeight}px`; // the page must not move under a hand
    this.say();
  }
  /** Go somewhere: new values of some knobs, each brought to one that its knob has; or, of an axis of the group, to a member of it. */
  move({ axis, index, ...values }) {
    if (axis !== undefined) {
      this.scrub = this.group.scrubs[axis];
      if (this.scrub?.fixed) this.scrub = undefined;
      this.scrub?.pause();
      return this.scrub?.go(index);
    }
    const changed = Object.fromEntries(Object.entries(values).map(([name, value]) => [name, snapped(this.message.knobs[name], value)]));
    if (same(this.values, { ...this.values, ...changed })) return;
    this.values = { ...this.values, ...changed };
    this.version += 1;
    this.group.touch("hand");
  }
  /** Let go, and let Python know once it rests. */
  release(delay = 0) {
    this.held = undefined;
    this.say();
    clearTimeout(this.waiting);
    this.waiting = setTimeout(() => this.commit(), delay);
    this.scrub?.commitSoon(delay);
    this.scrub = undefined;
  }
  /** Let go as if nothing had been moved. */
  forget() {
    const before = this.held?.before;
    this.held = undefined;
    this.say();
    if (before) this.move(before);
  }
  rest() {
    this.release(REST);
  }

  commit() {
    this.waiting = undefined;
    if (same(this.values, this.committed)) return;
    const values = Object.fromEntries(Object.entries(this.values).filter(([name, value]) => value !== this.committed[name]));
    this.committed = this.values;
    this.answerBy = performance.now() + ANSWER;
    this.sent = (this.sent || 0) + 1;
    tell(this, "commit", { values, count: this.sent });
  }

  // ----------------------------------------------------------------------------------------------------- the certificate

  /** Solve here what core has solved, and say by how much the two differ. */
  compare() {
    clearTimeout(this.comparing);
    this.gap = undefined;
    delete this.root.dataset.gap;
    this.say();
    if (!this.message.answer) return;
    const work = this.model.compare(this.message.values, this.message.answer);
    const slice = () => {
      const end = performance.now() + SLICE;
      while (performance.now() < end) {
        const { done, value } = work.next();
        if (!done) continue;
        this.gap = value;
        this.root.dataset.gap = value;
        return this.say();
      }
      this.comparing = setTimeout(slice, 30);
    };
    this.comparing = setTimeout(slice, 400);
  }
  say() {
    const { words } = this.message, text = this.held && !this.alone ? words.held : this.gap === undefined ? words.idle : words.checked.replace("{gap}", gapOf(this.gap));
    write(this.root, text);
  }
  draw() {}

  dispose() {
    clearTimeout(this.waiting);
    clearTimeout(this.comparing);
    if (this.group?.hand === this) this.group.hand = undefined;
    super.dispose();
  }
}

const gapOf = (gap) => (gap === 0 ? "0" : Number.isFinite(gap) ? format(gap, 2) : "more than can be told");
const near = (one, other) => one === other || Math.abs(one - other) <= 1e-9 * Math.max(1, Math.abs(one), Math.abs(other));
const same = (one, other) => Object.keys(one).every((name) => near(one[name], other[name]));

/** The value nearest to the wished one that a knob has. */
function snapped(knob, value) {
  if (!knob || typeof value !== "number") return value;
  const { low, high, grid, quantum } = knob, inside = Math.min(Math.max(value, low), high);
  if (grid) return grid.reduce((best, each) => (Math.abs(Math.log(each / inside)) < Math.abs(Math.log(best / inside)) ? each : best));
  // Python rounds to the digits of the quantum: 0.1 * 3 would be another number than 0.3.
  return quantum ? Number((Math.round(inside / quantum) * quantum).toFixed(12)) : inside;
}
