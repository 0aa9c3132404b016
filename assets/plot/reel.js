// What a film holds: columns that fill in link by link, frames at some epochs, words. No page and no socket in here.

const BUDGET = 64 << 20; // bytes of frames
const STEPS = /^(curves|profiles|frame)\.(.+)$/;

export class Reel {
  /** A film of so many members, and of epochs 0 to `epochs`. */
  constructor(members, epochs) {
    Object.assign(this, { members, epochs, curves: {}, profiles: {}, frames: [], words: [], links: [], held: -1, bytes: 0, version: 0, cuts: 0 });
  }

  /** The last epoch of the links that have come; -1 before the first. */
  get linked() {
    return this.links.length ? this.links[this.links.length - 1] : -1;
  }
  /** The last epoch that is known: beyond the links where a cut has left part of one. */
  get reach() {
    return Math.max(this.linked, this.held);
  }

  /** Take in a message; says whether it was the next "link", a single "still", one that is "known" already, or whether one before it is missing ("gap"). */
  add(message) {
    const { from, to } = message;
    if (from === to) {
      if (message.frame) this.keep(message.frame);
      return "still";
    }
    if (to <= this.linked) return "known";
    if (from !== this.linked || to > this.epochs) return "gap";
    const { members, epochs } = this, first = from + 1, count = to - from;
    for (const [name, values] of Object.entries(message.curves)) {
      const column = (this.curves[name] ||= blank(members, epochs + 1));
      for (let k = 0; k < members; k++) column.set(values.subarray(k * count, (k + 1) * count), k * (epochs + 1) + first);
    }
    for (const [name, values] of Object.entries(message.profiles)) (this.profiles[name] ||= blank(epochs + 1, members)).set(values, first * members);
    const said = this.words[this.words.length - 1], { status, sentences } = message;
    if (!said || String(said.sentences) !== String(sentences) || String(said.status) !== String(status)) this.words.push({ epoch: to, status, sentences });
    if (message.frame) this.keep(message.frame);
    this.links.push(to);
    this.version++;
    return "link";
  }

  keep(frame) {
    const place = this.before(frame.epoch), there = this.frames[place];
    frame.bytes = Object.values(frame).reduce((sum, value) => sum + (value?.byteLength || 0), 0);
    this.frames.splice(there?.epoch === frame.epoch ? place : place + 1, there?.epoch === frame.epoch ? 1 : 0, frame);
    this.bytes += frame.bytes - (there?.epoch === frame.epoch ? there.bytes : 0);
    if (this.bytes > BUDGET) this.thin();
  }

  /** Let every second frame of the older half go. */
  thin() {
    const half = this.frames.length >> 1;
    if (half > 1) this.frames = this.frames.filter((_, i) => i > half || i % 2 === 0);
    this.bytes = this.frames.reduce((sum, { bytes }) => sum + bytes, 0);
  }

  /** Keep the first `count` links, and what is known of the epochs up to `kept`; forget what came of the others. Returns how many links are left. */
  cut(count, kept = -1) {
    const known = this.reach;
    this.links.length = Math.min(count, this.links.length);
    this.held = Math.min(kept, known);
    const { reach, members, epochs } = this;
    for (const column of Object.values(this.curves)) for (let k = 0; k < members; k++) column.fill(NaN, k * (epochs + 1) + reach + 1, (k + 1) * (epochs + 1));
    for (const column of Object.values(this.profiles)) column.fill(NaN, (reach + 1) * members);
    this.frames = this.frames.filter(({ epoch }) => epoch <= reach);
    this.words = this.words.filter(({ epoch }) => epoch <= reach);
    this.bytes = this.frames.reduce((sum, { bytes }) => sum + bytes, 0);
    this.version++;
    this.cuts++;
    return this.links.length;
  }

  /** Where the newest frame at or before an epoch is; -1 where there is none. */
  before(epoch) {
    let low = 0, high = this.frames.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.frames[middle].epoch <= epoch) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }
  frameAt(epoch) {
    return this.frames[this.before(epoch)];
  }

  /** The column of a source at an epoch; undefined where it has not come. */
  column(source, epoch) {
    const [, kind, name] = STEPS.exec(source) || [];
    return kind === "frame" ? this.frameAt(epoch)?.[name] : this[kind]?.[name];
  }

  /** The number or the word of a source for one member at one epoch; undefined where it has not come. */
  value(source, member, epoch) {
    if (source === "sentences" || source === "status") return this.words.findLast((words) => words.epoch <= epoch)?.[source][Math.min(member, this.members - 1)];
    const column = this.column(source, epoch);
    if (!column) return undefined;
    const k = Math.min(member, this.members - 1), e = Math.min(epoch, this.epochs);
    if (source.startsWith("curves.")) return column[k * (this.epochs + 1) + e];
    return source.startsWith("profiles.") ? column[e * this.members + k] : column[Math.min(k, column.length - 1)];
  }
}

const blank = (...shape) => Object.assign(new Float32Array(shape[0] * shape[1]).fill(NaN), { shape });
