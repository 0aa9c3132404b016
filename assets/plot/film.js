// A run of the engine as a film: one socket brings what is computed, the group's views show it, one line says how it stands.
//
// In: the message of ui.plot.film, then snapshots over the socket. Out over the socket: how far the film is wanted, and which frame exactly;
// to Python: the trigger "gone" {run, count} where the server knows no such run. Nothing else makes a script run.

import { element } from "./dom.js";
import { View } from "./groups.js";
import { tell } from "./leave.js";
import { unpack } from "./messages.js";
import { Reel } from "./reel.js";
import { openStream, patience } from "./stream.js";

// Milliseconds: at rest after so long; at most so many wishes; a frame of a film that plays is waited for so long.
const REST = 200, BETWEEN = 100, PATIENCE = 1500;
const PICTURES = 2; // a second, where a film plays over a stretch without frames

export class Film extends View {
  constructor(parent, plotlyUrl) {
    super(parent, plotlyUrl);
    this.said = element("span", { role: "status" });
    // What changes with each snapshot is not read out.
    this.count = element("span", { "aria-hidden": "true" });
    this.root = element("p", { className: "lab-film" }, this.said, this.count);
    parent.append(this.root);
    this.state = { state: "starting", sentence: "", place: 0, computed: 0 };
    this.attempts = 0;
    this.listening = new AbortController();
    document.addEventListener("visibilitychange", () => this.wish(), { signal: this.listening.signal });
  }

  update(message) {
    const { run, parent, shared, kept, members, epochs, axis } = message, before = this.message;
    this.message = message;
    this.axes = [axis, "film", "play"];
    this.group.film = this;
    const { reel } = this, fits = reel?.members === members && reel.epochs === epochs;
    if (!fits || run !== before.run) {
      // Of a run that was edited all is the same up to the edit, which is mostly within a link: the next one to come brings the rest of it.
      if (fits && parent === before.run) reel.cut(shared, kept);
      else this.reel = Object.assign(new Reel(members, epochs), { cuts: (reel?.cuts ?? 0) + 1 });
      if (before) this.group.scrubs[axis]?.backTo(this.reach);
      this.attempts = 0;
      this.tell({ state: "starting", sentence: "", place: 0, computed: 0 });
      this.connect();
    }
    this.group.touch("film");
  }

  get at() {
    return this.group.at[this.message.axis] ?? this.message.at;
  }
  /** Whether nothing more will be computed. */
  get over() {
    const { state, computed } = this.state;
    return state === "failed" || (state === "done" && this.reel.reach >= computed);
  }
  /** The last epoch that can be shown. */
  get reach() {
    return Math.max(0, this.reel.reach);
  }
  /** The epoch that is shown: where the playhead stands, or the last one before it that is known. */
  get shown() {
    return Math.min(this.at, this.reach);
  }
  get here() {
    return { [this.message.axis]: this.shown };
  }
  get version() {
    return this.reel.version;
  }
  get cuts() {
    return this.reel.cuts;
  }
  column(source) {
    return this.reel.column(source, this.shown);
  }
  value(source, at) {
    return this.reel.value(source, at[this.message.member] ?? 0, this.shown);
  }

  // -------------------------------------------------------------------------------------------------------------- the socket

  connect() {
    this.close();
    const { run, viewer } = this.message;
    const socket = (this.socket = openStream(this.plotlyUrl, run, viewer, this.reel.links.length));
    socket.binaryType = "arraybuffer";
    socket.onopen = () => {
      this.wanted = this.standing = this.asked = this.ahead = undefined;
      this.wish();
      this.still();
    };
    socket.onmessage = ({ data }) => this.hear(data);
    // Of a run that has ended nothing more comes: the line is opened again when a frame is wanted.
    socket.onclose = () => (this.over ? this.close() : this.again());
  }
  close() {
    clearTimeout(this.retry);
    const { socket } = this;
    this.socket = undefined;
    if (!socket) return;
    socket.onopen = socket.onmessage = socket.onclose = null;
    socket.close();
  }
  /** Come back later. */
  again() {
    this.close();
    if (this.state.state !== "gone" && this.state.state !== "full") this.tell({ ...this.state, state: "lost" });
    this.retry = setTimeout(() => this.connect(), patience(this.attempts++));
  }

  /** Come back after a message that does not fit; with nothing in hand where that has not helped before. */
  afresh() {
    if (this.attempts > 2) this.reel.cut(0);
    this.again();
  }

  hear(data) {
    let message;
    try {
      message = typeof data === "string" ? JSON.parse(data) : unpack(new Uint8Array(data));
      if (typeof data === "string") return this.tell(message);
      if (this.reel.add(message) === "gap") return this.afresh();
    } catch (problem) {
      console.warn("a message of a run that cannot be read", problem);
      return this.afresh();
    }
    this.attempts = 0;
    if (this.state.state === "lost" || this.state.state === "starting") this.tell({ ...this.state, state: "running" });
    if (this.over) this.tell(this.state);
    this.count.textContent = this.counted();
    this.group.touch("film");
    this.still();
  }

  send(message) {
    if (this.socket?.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify(message));
  }

  // -------------------------------------------------------------------------------------------------------------- wishes

  draw() {
    this.wish();
    this.fill();
    if (this.at !== this.stood) clearTimeout(this.resting), (this.resting = undefined);
    this.stood = this.at;
    this.still();
    this.root.dataset.frame = this.reel.frameAt(this.shown)?.epoch ?? "";
    this.count.textContent = this.counted();
  }

  /** Say where the playhead stands and how far the film is wanted: a second ahead of it, two while it plays. At once, but not more often than it helps. */
  wish() {
    this.wishing ||= setTimeout(() => {
      this.wishing = undefined;
      const { axis, epochs } = this.message, scrub = this.group.scrubs[axis];
      const ahead = document.hidden ? 0 : Math.ceil((scrub?.playing ? 2 : 1) * (scrub?.rate ?? 0));
      const { at } = this, wanted = Math.min(epochs, at + ahead);
      if ((wanted === this.wanted && at === this.standing) || this.socket?.readyState !== WebSocket.OPEN) return;
      this.wished = performance.now();
      this.wanted = wanted;
      this.standing = at;
      this.send({ want: wanted, at });
    }, Math.max(0, (this.wished ?? -BETWEEN) + BETWEEN - performance.now()));
  }

  /** A slow line leaves frames out. Where a film plays over such a stretch, ask for one ahead of the playhead, one after the other. */
  fill() {
    const { at, reel } = this, scrub = this.group.scrubs[this.message.axis], step = Math.ceil((scrub?.rate ?? 0) / PICTURES);
    if (!scrub?.playing || this.socket?.readyState !== WebSocket.OPEN) return;
    const target = Math.min(at + step, reel.reach), newest = reel.frameAt(target)?.epoch ?? -1;
    const waiting = this.ahead > newest && performance.now() - this.aheadAt < PATIENCE;
    if (target <= at || newest > at || waiting) return;
    this.ahead = target;
    this.aheadAt = performance.now();
    this.send({ exact: target });
  }

  /** Ask for the frame of exactly this epoch once the playhead rests where there is none. */
  still() {
    this.resting ||= setTimeout(() => {
      this.resting = undefined;
      const { at, reel } = this;
      if (this.group.scrubs[this.message.axis]?.playing || at > reel.reach || reel.frameAt(at)?.epoch === at || at === this.asked) return;
      if (!this.socket && this.over) return this.connect();
      if (this.socket?.readyState !== WebSocket.OPEN) return;
      this.asked = at;
      this.send({ exact: at });
    }, REST);
  }

  // -------------------------------------------------------------------------------------------------------------- the state

  tell(message) {
    this.state = message;
    const { state } = message;
    this.group.touch("film");
    this.root.dataset.state = state;
    const text = this.sentence();
    if (this.said.textContent !== text) this.said.textContent = text;
    this.count.textContent = this.counted();
    if (state === "gone") {
      this.missed = (this.missed || 0) + 1;
      tell(this, "gone", { run: this.message.run, count: this.missed });
    }
  }
  sentence() {
    const { state, place, sentence } = this.state;
    if (state === "queued") return place > 0 ? `waiting in the queue: place ${place}` : "waiting in the queue";
    return {
      starting: "starting",
      running: "training",
      waiting: sentence || "waiting for the playhead",
      done: this.over ? (sentence || "computed") : "computed; it comes as it is played",
      away: "the engine is away; it will go on by itself",
      lost: "the connection is lost; trying again",
      gone: "this run is started again",
      full: sentence || "the engine is full; waiting for room",
      failed: sentence || "this run has failed",
    }[state] ?? sentence ?? "";
  }
  counted() {
    const { epochs } = this.message, { reach } = this, { state } = this.state;
    if (!["running", "waiting", "done", "lost", "away"].includes(state) || this.reel.reach < 0) return "";
    if (this.said.textContent.endsWith(".")) return ` Epoch ${reach} of ${epochs}.`;
    return `: ${state === "done" && reach === epochs ? `${epochs} epochs` : `epoch ${reach} of ${epochs}`}`;
  }

  dispose() {
    this.close();
    this.listening.abort();
    clearTimeout(this.wishing);
    clearTimeout(this.resting);
    if (this.group?.film === this) delete this.group.film;
    super.dispose();
  }
}
