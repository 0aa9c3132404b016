// A class room in a browser: one line to the server for the whole page, whichever of its views come and go.
//
// In: the messages of ui/class_room.py, then texts over the socket. Out: the triggers "moved" {version, count} where the teacher's
// screen has changed and this one follows, "over" {count} where the room is gone, "known" {me, key, code, count} with what this browser remembers.

import { element } from "./dom.js";
import { View, everyView } from "./groups.js";
import { tell } from "./leave.js";
import { Scrub } from "./scrub.js";
import { patience } from "./stream.js";

// Milliseconds: a line outlives its views by so long, since a page that gives way to another takes its views along; a screen that has asked for
// what is new asks again after so long.
const LINGER = 3000, AGAIN = 6000;
// A run of the script that began before what a screen shows ahead of it has brought everything by then.
const BROUGHT = 500;

const KEY = "lab-class-key-", ME = "lab-class-me-";
const lines = new Map(); // code and role -> Line

/** What a browser remembers; a private window may forbid it. */
const memory = (name) => {
  try { return window[name]; } catch { return undefined; }
};
const recall = (store, key) => {
  try { return memory(store)?.getItem(key) ?? ""; } catch { return ""; }
};
const keep = (store, key, value) => {
  try { value ? memory(store)?.setItem(key, value) : memory(store)?.removeItem(key); } catch { /* then a reload forgets it */ }
};

// The address carries the room's code from page to page, so that a reload finds the way back. Streamlit writes the address anew for every page and every
// setting, hence here, on its way there.
let carried; // undefined: nobody has been in a room, and the address is none of our business
const written = (url) => {
  if (carried === undefined || url == null) return url;
  const [, path, query = "", hash = ""] = String(url).match(/^([^?#]*)(?:\?([^#]*))?(#.*)?$/);
  const pairs = query.split("&").filter((pair) => pair && !pair.startsWith("lab_room="));
  if (carried) pairs.push(`lab_room=${carried}`);
  return `${path || location.pathname}${pairs.length ? "?" : ""}${pairs.join("&")}${hash}`;
};
for (const name of ["pushState", "replaceState"]) {
  const write = history[name];
  history[name] = function (state, title, url) {
    return write.call(this, state, title, written(url));
  };
}
function carry(code) {
  if (carried === undefined && !code) return;
  carried = code;
  if (written(location.href) !== location.href) history.replaceState(history.state, "", location.href);
}

class Line {
  constructor(beside, code, key) {
    Object.assign(this, { beside, code, key, listeners: new Set(), attempts: 0, state: {} });
    this.connect();
  }
  connect() {
    const url = new URL(`class/${this.code}${this.key ? "?as=teacher" : ""}`, this.beside);
    url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
    const socket = (this.socket = new WebSocket(url));
    socket.onopen = () => this.key && socket.send(JSON.stringify({ key: this.key }));
    socket.onmessage = ({ data }) => {
      this.attempts = 0;
      this.tell({ ...JSON.parse(data), lost: false });
    };
    socket.onclose = () => {
      if (this.state.closed) return;
      this.tell({ ...this.state, lost: true });
      this.retry = setTimeout(() => this.connect(), patience(this.attempts++));
    };
  }
  tell(state) {
    this.state = state;
    for (const listener of [...this.listeners]) listener.hear(state);
  }
  join(listener) {
    clearTimeout(this.ending);
    this.listeners.add(listener);
    if (Object.keys(this.state).length) listener.hear(this.state);
  }
  leave(listener) {
    this.listeners.delete(listener);
    if (this.listeners.size) return;
    clearTimeout(this.ending);
    this.ending = setTimeout(() => this.end(), LINGER);
  }
  end() {
    clearTimeout(this.retry);
    this.socket.onmessage = this.socket.onclose = null;
    this.socket.close();
    lines.delete(`${this.code} ${Boolean(this.key)}`);
  }
}

function lineOf(beside, code, key) {
  const name = `${code} ${Boolean(key)}`;
  if (!lines.has(name)) lines.set(name, new Line(beside, code, key));
  return lines.get(name);
}

/** A view that listens to a room's line. */
export class Listener extends View {
  listen({ code, key }) {
    const line = code ? lineOf(this.plotlyUrl, code, key) : undefined;
    if (line === this.line) return;
    this.line?.leave(this);
    this.line = line;
    line?.join(this);
  }
  trigger(name, payload = {}) {
    this.triggered = (this.triggered ?? 0) + 1;
    tell(this, name, { count: this.triggered, ...payload });
  }
  draw() {}
  dispose() {
    this.line?.leave(this);
    this.line = undefined;
    super.dispose();
  }
}

/** Where this screen stands in a class: a line of words, and the way to what the teacher shows. */
export class ClassRoom extends Listener {
  constructor(parent, plotlyUrl) {
    super(parent, plotlyUrl);
    this.said = element("span", { role: "status" });
    this.count = element("span", { "aria-hidden": "true" });
    this.root = element("p", { className: "lab-class" }, this.said, this.count);
    parent.append(this.root);
  }
  update(message) {
    const before = this.message;
    this.message = message;
    clearTimeout(this.asking);
    this.asking = undefined;
    carry(message.code);
    this.remember(before);
    this.listen(message);
    this.stands();
    this.say();
    this.ask();
  }
  /** Keep the teacher's key and this screen's number for a reload, or bring them back after one. */
  remember(before) {
    const { code, key, me, forget } = this.message;
    this.root.dataset.role = code ? (key ? "teacher" : "student") : "nobody";
    if (forget) keep("localStorage", KEY + forget, ""), keep("sessionStorage", ME + forget, "");
    if (key) return keep("localStorage", KEY + code, key);
    const mine = recall("localStorage", KEY + code);
    if (code && mine && !this.offered) {
      this.offered = true;
      return this.trigger("known", { code, key: mine });
    }
    if (!code) return this.offer();
    const known = recall("sessionStorage", ME + code);
    if (!known) keep("sessionStorage", ME + code, me);
    else if (known !== me && before?.me !== me) this.trigger("known", { code, me: known });
  }
  /** On the class room's own page: say whose rooms this browser has the keys of. */
  offer() {
    if (this.offered) return;
    this.offered = true;
    const store = memory("localStorage");
    try {
      const codes = Object.keys(store ?? {}).filter((name) => name.startsWith(KEY)).map((name) => name.slice(KEY.length));
      if (codes.length) this.trigger("known", { code: codes.at(-1), key: store.getItem(KEY + codes.at(-1)) });
    } catch { /* nothing is remembered */ }
  }
  hear(state) {
    this.say();
    if (state.closed && !this.told) {
      this.told = true;
      this.trigger("over");
      return;
    }
    this.stands();
    this.foresee();
    this.ask();
  }
  /** Note the place where the script has brought this screen, and be ahead of it again where the teacher has gone on meanwhile. */
  stands() {
    const { state } = this.line ?? {};
    if (!state?.at) return;
    if (state.version === this.message.version) this.place = state;
    else if (this.next?.version === this.message.version) this.place = this.next;
    this.next = state;
    clearTimeout(this.ahead);
    if (this.place !== state) this.ahead = setTimeout(() => this.foresee(), BROUGHT);
  }
  /** Where all that the teacher has changed is where sliders stand whose families are here, move them at once: hundreds of runs of the script take their time. */
  foresee() {
    const { key, following } = this.message, { place } = this, { state } = this.line ?? {};
    if (key || !following || !place || !state?.at || place.page !== state.page || place.rest !== state.rest) return;
    const scrubs = everyView().filter((view) => view instanceof Scrub && view.sets.length === 1);
    const moves = Object.entries(state.at).filter(([name, value]) => value !== place.at[name]).map(([name, value]) => {
      const scrub = scrubs.find(({ sets }) => sets[0] === name);
      return { scrub, index: scrub && typeof value === "number" ? scrub.find(value) : -1 };
    });
    if (moves.some(({ index }) => index < 0)) return;
    for (const { scrub, index } of moves) scrub.see(index);
  }
  /** Have the script run where this screen follows and is behind; not at once with all others (core.classroom.hub.Hub.spread). */
  ask() {
    const { version, following, key, spread } = this.message, newest = this.line?.state.version ?? 0;
    if (key || !following || newest <= version || this.asking) return;
    const wait = this.asked === newest ? AGAIN : Math.random() * spread;
    this.asking = setTimeout(() => {
      this.asking = undefined;
      this.asked = this.line?.state.version ?? newest;
      this.trigger("moved", { version: this.asked });
      this.ask();
    }, wait);
  }
  say() {
    const { code, key, following } = this.message, { closed, lost, refused, joined } = this.line?.state ?? {};
    const stand = key ? (following ? "shows what you do" : "is not shown what you do") : following ? "following" : "on your own";
    const text = !code ? "" : closed ? `Class ${code} · over` : refused ? refused : `Class ${code} · ${lost ? "the connection is lost; trying again" : stand}`;
    if (this.said.textContent !== text) this.said.textContent = text;
    const count = key && joined !== undefined && !closed && !lost ? ` · ${joined} ${joined === 1 ? "screen" : "screens"} here` : "";
    if (this.count.textContent !== count) this.count.textContent = count;
    this.root.dataset.joined = joined ?? "";
    this.root.dataset.version = this.line?.state.version ?? "";
    this.root.dataset.lost = Boolean(lost);
  }
  dispose() {
    clearTimeout(this.asking);
    clearTimeout(this.ahead);
    super.dispose();
  }
}
