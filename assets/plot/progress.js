// How far a study of the engine is: a bar, a sentence, and a way to stop it.
//
// In: the message of ui.plot.progress, then states over the study's socket. Out: the trigger "news" {study, state, count} where the page has
// something new to draw (it is done, or gone, or, where the page draws parts, there is more of it), and "stop" {study, count}.

import { element } from "./dom.js";
import { View } from "./groups.js";
import { tell } from "./leave.js";
import { openStream, patience } from "./stream.js";

// Milliseconds between two runs of the script for parts.
const BETWEEN = 700;

export class Progress extends View {
  constructor(parent, plotlyUrl) {
    super(parent, plotlyUrl);
    this.said = element("span", { role: "status" });
    this.count = element("span", { "aria-hidden": "true" });
    this.bar = element("progress", { max: 1, "aria-label": "Measured so far" });
    this.button = element("button", { type: "button", textContent: "Stop", onclick: () => this.trigger("stop", {}) });
    this.root = element("p", { className: "lab-progress" }, this.bar, element("span", {}, this.said, this.count), this.button);
    parent.append(this.root);
    this.triggered = 0;
  }

  update(message) {
    const another = message.study !== this.message?.study;
    this.message = message;
    if (!another) return;
    this.attempts = this.ready = this.newsAt = 0;
    this.told = false;
    this.tell({ state: "starting", done: 0, of: 0, ready: 0, sentence: "" });
    this.connect();
  }
  draw() {}

  connect() {
    this.close();
    const { study, viewer } = this.message;
    const socket = (this.socket = openStream(this.plotlyUrl, study, viewer));
    socket.onmessage = ({ data }) => {
      if (typeof data !== "string") return;
      this.attempts = 0;
      this.tell(JSON.parse(data));
    };
    socket.onclose = () => (["done", "failed"].includes(this.state.state) ? this.close() : this.again());
  }
  close() {
    clearTimeout(this.retry);
    const { socket } = this;
    this.socket = undefined;
    if (!socket) return;
    socket.onmessage = socket.onclose = null;
    socket.close();
  }
  again() {
    this.close();
    this.retry = setTimeout(() => this.connect(), patience(this.attempts++));
  }

  tell(message) {
    this.state = message;
    const { state, done, of, ready } = message;
    this.root.dataset.state = state;
    if (of) this.bar.value = done / of;
    else this.bar.removeAttribute("value");
    const text = this.sentence();
    if (this.said.textContent !== text) this.said.textContent = text;
    this.count.textContent = state === "running" && of ? `: ${Math.round((100 * done) / of)} %` : "";
    this.button.hidden = !["starting", "queued", "running", "away"].includes(state);
    // A study that this server no longer knows is asked for again by the script.
    if (["done", "gone", "failed"].includes(state)) this.end();
    else if (this.message.partial && ready > this.ready) this.news(ready);
  }
  sentence() {
    const { state, place, sentence } = this.state;
    return {
      starting: "starting",
      queued: place > 0 ? `waiting in the queue: place ${place}` : "waiting in the queue",
      running: "training and measuring",
      stopped: "stopped",
      done: "measured",
      away: "the engine is away; it will go on by itself",
      gone: "this measurement is started again",
      full: sentence || "the engine is full; waiting for room",
      failed: sentence || "this measurement has failed",
    }[state] ?? sentence ?? "";
  }

  /** Have the script run again, once, for good; a failure is said here and not asked about again. */
  end() {
    if (this.told || this.state.state === "failed") return;
    this.told = this.state.state === "done";
    this.trigger("news", { state: this.state.state });
  }
  /** Have the script run again for what is new, not more often than it can be looked at. */
  news(ready) {
    const wait = this.newsAt + BETWEEN - performance.now();
    clearTimeout(this.later);
    const act = () => {
      this.ready = ready;
      this.newsAt = performance.now();
      this.trigger("news", { state: "running" });
    };
    if (wait <= 0) act();
    else this.later = setTimeout(act, wait);
  }
  trigger(name, payload) {
    tell(this, name, { study: this.message.study, count: ++this.triggered, ...payload });
  }

  dispose() {
    this.close();
    clearTimeout(this.later);
    super.dispose();
  }
}
