// What can be taken hold of on a chart: a handle over each, moved by mouse, finger, pen and arrow keys.
//
// Handles lie beside the chart's picture, not in it: a picture has no parts to those who hear it. Where they stand, where they go and what that
// means is the model's (hand.js).

import { element } from "./dom.js";

const STILL = 4; // pixels that a hand may move during a click
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };
const MANY = 10; // steps at once, with Shift

export class Handles {
  constructor(chart) {
    this.chart = chart;
    this.root = element("div", { className: "lab-handles" });
    chart.root.append(this.root);
    this.nodes = new Map();
    this.stamp = "[]";
    this.listening = new AbortController();
    // While a hand moves, the picture's place is asked for again only where it has changed: to ask has the browser lay out the whole page.
    for (const event of ["scroll", "resize"]) addEventListener(event, () => (this.box = undefined), { capture: true, passive: true, signal: this.listening.signal });
  }
  get hand() {
    return this.chart.group?.hand;
  }

  update(handles) {
    const stamp = JSON.stringify(handles);
    if (stamp === this.stamp) return;
    this.stamp = stamp;
    const focused = [...this.nodes].find(([, { node }]) => node === document.activeElement)?.[0];
    this.nodes = new Map(handles.map((handle) => [handle.name, { handle, node: this.nodes.get(handle.name)?.node ?? this.made(handle) }]));
    for (const { handle, node } of this.nodes.values()) this.dress(handle, node);
    this.root.replaceChildren(...[...this.nodes.values()].map(({ node }) => node));
    this.nodes.get(focused)?.node.focus({ preventScroll: true });
  }
  dress({ label, help, shape, colour }, node) {
    node.setAttribute("aria-label", label);
    node.title = help;
    node.dataset.shape = shape;
    node.style.setProperty("--ink", this.chart.inks[colour] || colour);
  }
  made({ name }) {
    const node = element("div", { className: "lab-handle", role: "slider", tabIndex: 0 });
    node.dataset.handle = name;
    node.addEventListener("pointerdown", (event) => this.down(name, node, event));
    node.addEventListener("pointermove", (event) => this.along(name, event));
    for (const end of ["pointerup", "pointercancel", "lostpointercapture"]) node.addEventListener(end, (event) => this.up(name, node, event));
    node.addEventListener("keydown", (event) => this.key(name, event));
    node.addEventListener("focus", () => node.matches(":focus-visible") && this.hand?.say());
    node.addEventListener("click", (event) => event.stopPropagation());
    return node;
  }

  /** Put every handle where it belongs; one out of sight waits at the frame's edge, since it could not be fetched otherwise. */
  place(view) {
    const { hand } = this, { scale } = this.chart;
    if (!this.nodes.size || !view) return;
    for (const [name, { node }] of this.nodes) {
      const free = Boolean(hand?.free(name)) && !this.chart.sheet;
      if (node.hidden === free) node.hidden = !free;
      if (!free) continue;
      const { at } = this.chart.group, [x, y] = hand.model.place(name, hand.values, at), { frame } = view;
      const left = clamp(view.X(x), frame.x, frame.x + frame.width), top = clamp(view.Y(y), frame.y, frame.y + frame.height);
      const transform = `translate(${(left * scale).toFixed(1)}px, ${(top * scale).toFixed(1)}px)`;
      if (node.style.transform !== transform) node.style.transform = transform;
      const { now, text, low, high } = hand.model.says(name, hand.values, at);
      if (node.getAttribute("aria-valuetext") === text) continue;
      for (const [key, value] of [["now", now], ["text", text], ["min", low], ["max", high]]) node.setAttribute(`aria-value${key}`, value);
    }
  }

  // ---------------------------------------------------------------------------------------------------------- mouse and touch

  /** Where an event is, in data coordinates. */
  spot(event, { dx = 0, dy = 0 } = {}) {
    const box = (this.box ||= this.chart.canvas.getBoundingClientRect()), { X, Y } = this.chart.layer.view, { scale } = this.chart;
    return [X.back((event.clientX - box.left - dx) / scale), Y.back((event.clientY - box.top - dy) / scale)];
  }
  down(name, node, event) {
    if (event.button || !event.isPrimary || !this.hand?.free(name)) return;
    event.preventDefault();
    event.stopPropagation();
    node.focus({ preventScroll: true, focusVisible: false });
    node.setPointerCapture(event.pointerId);
    this.box = undefined;
    const box = node.getBoundingClientRect(), { hand } = this;
    // Taken hold of beside its middle, it does not jump there.
    const off = { dx: event.clientX - (box.left + box.right) / 2, dy: event.clientY - (box.top + box.bottom) / 2 };
    this.grip = { name, id: event.pointerId, off, press: event, values: hand.values, from: this.spot(event, off), still: true };
    hand.take(name);
    node.classList.add("lab-held");
  }
  along(name, event) {
    const { grip, hand } = this;
    if (!grip || grip.id !== event.pointerId || !hand) return;
    event.stopPropagation();
    const far = Math.hypot(event.clientX - grip.press.clientX, event.clientY - grip.press.clientY);
    if (grip.still && far <= STILL * (event.pointerType === "touch" ? 2 : 1)) return;
    grip.still = false;
    hand.move(hand.model.drag(name, this.spot(event, grip.off), grip, this.chart.group.at));
  }
  up(name, node, event) {
    const { grip, hand } = this;
    if (!grip || grip.id !== event.pointerId) return;
    this.grip = undefined;
    node.classList.remove("lab-held");
    if (!hand) return;
    if (event.type === "pointercancel") return hand.forget();
    hand.release();
    // A click that moves nothing means the chart, where that takes clicks: a point of the data is taken away by one.
    if (grip.still && this.chart.message.pick) this.chart.pick(grip.press.clientX, grip.press.clientY);
  }

  // -------------------------------------------------------------------------------------------------------------------- keys

  key(name, event) {
    const { hand } = this;
    if (event.ctrlKey || event.metaKey || event.altKey || !hand?.free(name)) return;
    if (event.key === "Escape" && this.grip) {
      this.nodes.get(name).node.classList.remove("lab-held");
      this.grip = undefined;
      hand.forget();
    } else if ((event.key === "Delete" || event.key === "Backspace") && this.chart.message.pick && !this.grip) {
      const box = this.nodes.get(name).node.getBoundingClientRect();
      this.chart.pick((box.left + box.right) / 2, (box.top + box.bottom) / 2);
    } else if (ARROWS[event.key]) {
      const [across, up] = ARROWS[event.key], times = event.shiftKey ? MANY : 1;
      hand.take(name);
      hand.move(hand.model.nudge(name, across * times, up * times, hand.values, this.chart.group.at));
      hand.rest();
    } else return;
    event.preventDefault();
    event.stopPropagation();
  }

  dispose() {
    if (this.grip) this.hand?.forget();
    this.listening.abort();
    this.root.remove();
  }
}

const clamp = (value, low, high) => Math.min(Math.max(value, low), high);
