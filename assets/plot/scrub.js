// The slider that moves a group along one family axis, and the player of an axis that has a pace.

import { element, drawn, format, write } from "./dom.js";
import { View } from "./groups.js";
import { tell, untold } from "./leave.js";

// Icons are drawn: as characters some systems show them as coloured pictures.
const ICONS = {
  play: "M4 2.5v11l9-5.5z",
  pause: "M3.5 2.5h3.2v11H3.5zM9.3 2.5h3.2v11H9.3z",
  start: "M3 2.5h2v11H3zM13 2.5v11L6 8z",
  back: "M11 2.5h2v11h-2zM9.5 3.5v9L3.5 8z",
  forward: "M3 2.5h2v11H3zM6.5 3.5v9l6-4.5z",
  end: "M11 2.5h2v11h-2zM3 2.5v11L10 8z",
};
const SPEEDS = [["¼×", 0.25], ["½×", 0.5], ["1×", 1], ["2×", 2], ["4×", 4]];
const WHOLE = 5; // seconds that an axis without a pace takes
const STILLS = 10; // pictures of an axis, for eyes that do not want a film
const LONGEST = 250; // milliseconds of a frame that count: after a pause of the browser itself a film goes on where it was

export class Scrub extends View {
  constructor(parent, plotlyUrl) {
    super(parent, plotlyUrl);
    const id = `lab${Math.random().toString(36).slice(2)}`;
    this.label = element("label", { htmlFor: id });
    this.output = element("output", { htmlFor: id });
    this.range = element("input", { type: "range", id, min: 0, step: 1 });
    const button = (name, action) => element("button", { type: "button", className: "lab-play", title: name, "aria-label": name, onclick: action });
    const step = (name, icon, index) => {
      const made = button(name, () => this.choose(index(), 250));
      made.append(picture(icon));
      return made;
    };
    this.play = button("Play", () => this.toggle());
    this.speed = element("select", { className: "lab-speed", title: "Speed", "aria-label": "Speed" }, ...SPEEDS.map(([text, value]) => element("option", { textContent: text, value })));
    this.speed.value = 1;
    const around = [step("To the start", "start", () => 0), step("Step back", "back", () => this.now - 1)];
    this.player = [...around, this.play, step("Step forward", "forward", () => this.now + 1), step("To the end", "end", () => this.last), this.speed];
    this.transport = element("div", { className: "lab-transport" }, this.play);
    this.ticks = element("div", { className: "lab-ticks", "aria-hidden": "true" });
    this.filled = element("div", { className: "lab-reach", hidden: true });
    this.marks = element("div", { className: "lab-marks" });
    this.root = element("div", { className: "lab-scrub" },
      element("div", { className: "lab-scrub-head" }, this.label, this.output),
      element("div", { className: "lab-scrub-row" }, this.transport, element("div", { className: "lab-rail" }, this.range, this.filled, this.ticks)), this.marks);
    parent.append(this.root);
    this.range.oninput = () => (this.pause(), this.go(Number(this.range.value)));
    this.range.onpointerdown = () => ((this.held = true), this.pause());
    this.range.onpointerup = this.range.onpointercancel = () => ((this.held = false), this.commitSoon(0));
    // A pointer's release commits at once; keys repeat, so they commit when they rest.
    this.range.onchange = () => ((this.held = false), this.commitSoon(this.range.matches(":active") ? 0 : 250));
    this.range.addEventListener("keydown", (event) => event.key === " " && this.key(event));
    this.playing = 0;
    this.pause();
  }

  get last() {
    return this.axis.values.length - 1;
  }
  get now() {
    return Number(this.range.value);
  }
  /** Members a second, as the player is set. */
  get rate() {
    return (this.axis.pace || this.last / WHOLE) * Number(this.speed.value);
  }
  /** The last member that there is: of a film, the last one that has been computed. */
  get reach() {
    return this.axis.film ? Math.min(this.last, this.group.film?.reach ?? 0) : this.last;
  }

  /** Where playing ends: of a film that has ended early, there. */
  get end() {
    return this.axis.film && this.group.film?.over ? this.reach : this.last;
  }

  update(message) {
    const { axis } = message;
    this.axis = axis;
    this.sets = message.sets ?? [];
    // A control that is locked, or not shown, is moved by no hand and no key; Python may still put it elsewhere.
    this.fixed = Boolean(message.locked || message.hidden);
    this.root.hidden = Boolean(message.hidden);
    this.root.title = message.locked || "";
    this.label.textContent = axis.label;
    this.range.max = this.last;
    this.root.dataset.axis = axis.name;
    const plays = axis.pace > 0;
    if (plays !== this.root.classList.contains("lab-player")) this.transport.replaceChildren(...(plays ? this.player : [this.play]));
    this.root.classList.toggle("lab-player", plays);
    this.ticks.replaceChildren(...axis.marks.map(([index]) => element("i", { style: `--at:${index / Math.max(1, this.last)}` })));
    this.name(axis.marks.map(([index, text]) => ({ index, text, title: `Go to ${this.valueText(index)}` })));
    for (const each of this.root.querySelectorAll("input, button, select")) each.disabled = this.fixed;
    if (this.fixed) this.pause();
    this.axes = axis.film ? ["film"] : [];
    this.filled.hidden = !axis.film;
    this.forget(axis.name);
    this.group.scrubs[axis.name] = this;
    // Python's value wins, unless a hand is on the slider right now,
    // nor while an older commit's answer can still be on its way: only the answer to the last one counts; nor while the last one waits to be sent.
    const stale = performance.now() < (this.answerBy || 0) && message.answer !== this.sent;
    if (!this.held && !this.playing && !this.waiting && !untold(this) && !stale) {
      this.committed = message.at;
      this.show(message.at);
      this.group.set(axis.name, message.at);
    }
    if (axis.film) this.draw();
    const fresh = !this.met;
    this.met = true;
    if (fresh && axis.autoplay && !this.fixed && message.at === 0 && !document.hidden && !calm()) this.toggle();
  }
  /** Show buttons for the places that have names. Those that stay the same are not made anew, and a new one takes over the focus: a key may just have pressed it. */
  name(places) {
    const stamp = JSON.stringify(places), held = [...this.marks.children].indexOf(document.activeElement);
    if (stamp === this.named) return;
    this.named = stamp;
    this.marks.replaceChildren(...places.map(({ index, text, title }) => element("button", { type: "button", textContent: text, title, onclick: () => this.choose(index) })));
    if (held >= 0) (this.marks.children[held] ?? this.range).focus({ preventScroll: true });
  }
  /** Give up the group's axes that this scrub moved before, all but `name`. */
  forget(name) {
    for (const [each, scrub] of Object.entries(this.group.scrubs)) if (scrub === this && each !== name) delete this.group.scrubs[each];
  }

  valueText(index) {
    if (this.axis.names?.length) return `${this.axis.symbol} ${this.axis.names[index]}`.trim();
    return `${this.axis.symbol} ${format(this.axis.values[index])}${this.axis.unit ? ` ${this.axis.unit}` : ""}`.trim();
  }
  show(index) {
    this.range.value = index;
    const text = this.valueText(index);
    this.range.setAttribute("aria-valuetext", text);
    write(this.output, text);
    this.range.style.setProperty("--at", index / Math.max(1, this.last));
  }
  go(index) {
    const clamped = Math.max(0, Math.min(index, this.last));
    this.show(clamped);
    this.group.set(this.axis.name, clamped);
  }
  /** Go somewhere at a click or a key, and let Python know when that rests. */
  choose(index, delay = 0) {
    this.pause();
    this.go(index);
    this.commitSoon(delay);
  }
  /** Go to the member of a value that is set elsewhere, and let nobody know. */
  see(index) {
    if (this.held || this.playing || this.waiting) return;
    this.committed = index;
    this.go(index);
  }
  /** The member of a value; -1 for none. */
  find(value) {
    return this.axis.values.findIndex((each) => each === value || Math.abs(each - value) <= 1e-6 * Math.max(Math.abs(each), Math.abs(value)));
  }
  /** Show how far a film reaches. */
  draw() {
    if (this.axis.film) this.filled.style.setProperty("--reach", this.reach / Math.max(1, this.last));
  }

  /** Keys of a focused chart move its scrub as the slider's own keys do; space plays. */
  key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const { last, now } = this, page = Math.max(1, Math.round(last / 10));
    const target = { ArrowRight: now + 1, ArrowUp: now + 1, ArrowLeft: now - 1, ArrowDown: now - 1, PageUp: now + page, PageDown: now - page, Home: 0, End: last }[event.key];
    if (event.key === " ") event.repeat || this.toggle();
    else if (target !== undefined) this.choose(target, 250);
    else return;
    event.preventDefault();
  }

  commitSoon(delay) {
    clearTimeout(this.waiting);
    this.waiting = setTimeout(() => {
      this.waiting = undefined;
      const index = this.now;
      if (index === this.committed) return;
      this.committed = index;
      this.answerBy = performance.now() + 1500; // longer means that it was lost
      this.sent = (this.sent || 0) + 1;
      tell(this, "commit", { axis: this.axis.name, index, count: this.sent });
    }, delay);
  }

  // -------------------------------------------------------------------------------------------------------------- the film

  toggle() {
    if (this.playing) return this.pause(), this.commitSoon(0);
    // Nothing is sent while it plays, not even what a key before it has left to send.
    clearTimeout(this.waiting);
    this.waiting = undefined;
    if (this.now >= this.end) this.go(0);
    this.from = this.now;
    this.run = 0; // members since the start, however often frames come
    let before = performance.now();
    const stills = calm() ? Math.max(1, Math.round(this.last / STILLS)) : 1;
    this.face("Pause", "pause");
    const tick = (time) => {
      this.run += (this.rate * Math.max(0, Math.min(LONGEST, time - before))) / 1000;
      before = time;
      const { reach, last } = this;
      // What is not computed yet is waited for, and time spent waiting is not made up for.
      if (reach < last) this.run = Math.min(this.run, Math.max(0, reach - this.from));
      if (this.from + this.run >= this.end) return this.choose(this.end);
      this.go(this.from + stills * Math.floor(this.run / stills));
      this.playing = requestAnimationFrame(tick);
    };
    this.playing = requestAnimationFrame(tick);
    this.group.touch("play");
  }
  pause() {
    cancelAnimationFrame(this.playing);
    if (this.playing) this.group?.touch("play");
    this.playing = 0;
    this.face("Play", "play");
  }
  /** Where a film that is playing has lost its end, go on from what is left. */
  backTo(index) {
    if (!this.playing || this.now <= index) return;
    this.from = index;
    this.run = 0;
    this.go(index);
  }
  face(name, icon) {
    if (this.play.title === name && this.play.firstChild) return;
    this.play.title = name;
    this.play.setAttribute("aria-label", name);
    this.play.replaceChildren(picture(icon));
  }

  dispose() {
    this.pause();
    clearTimeout(this.waiting);
    this.forget();
    super.dispose();
  }
}

/** Whether these eyes want stills instead of films. */
const calm = () => matchMedia("(prefers-reduced-motion: reduce)").matches;

function picture(icon) {
  const svg = drawn("svg", { viewBox: "0 0 16 16", width: 16, height: 16, "aria-hidden": "true", fill: "currentColor" });
  svg.append(drawn("path", { d: ICONS[icon] }));
  return svg;
}
