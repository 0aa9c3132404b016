// What a class has answered, while it answers: bars, points and a sentence on the teacher's screen.
//
// In: the message of ui/class_room.py with an empty tally, then the tallies that the room's line brings (core/classroom/tally.py counts them).

import { Listener } from "./classroom.js";
import { drawn, element, format } from "./dom.js";

// Of the picture, in its own units: heights of the bars' and the points' parts, the room for what is written, a letter's size.
const WIDTH = 720, BARS = 190, DOT = 7, LETTER = 17, LINE = 34;

/** What the class has answered, while it answers: bars, points, a sentence; the truth only where Python has sent it. */
export class Tally extends Listener {
  constructor(parent, plotlyUrl) {
    super(parent, plotlyUrl);
    this.picture = drawn("svg", { role: "img", class: "lab-tally-picture" });
    this.said = element("span", { role: "status" });
    this.root = element("figure", { className: "lab-tally" }, this.picture, element("figcaption", {}, this.said));
    parent.append(this.root);
  }
  update(message) {
    this.message = message;
    this.listen(message);
    this.show();
  }
  hear() {
    this.show();
  }
  show() {
    const { question, turn, empty, truth, here } = this.message, told = this.line?.state.tally;
    const found = told && told.question === question && told.turn === turn ? told : empty;
    const joined = this.line?.state.joined;
    const sentence = found.sentence + (joined !== undefined && found.answers ? ` ${joined} ${joined === 1 ? "screen is" : "screens are"} here.` : "");
    const stamp = JSON.stringify([found, truth, here]);
    if (this.said.textContent !== sentence) this.said.textContent = sentence;
    this.root.dataset.answers = found.answers;
    this.root.dataset.truth = truth === null ? "" : truth.label;
    if (stamp === this.stamp) return;
    this.stamp = stamp;
    this.picture.setAttribute("aria-label", `What the class has answered: ${found.bars.filter((bar) => bar.count).map((bar) => `${bar.label}: ${bar.count}`).join(", ") || "nothing yet"}.${truth ? ` The answer is ${truth.label}.` : ""}`);
    this.picture.replaceChildren(...(found.points === undefined || this.message.options ? this.options(found) : this.numbers(found)));
  }
  write(text, x, y, anchor = "middle", kind = "") {
    const node = drawn("text", { x, y, "text-anchor": anchor, class: kind });
    node.textContent = text;
    return node;
  }

  /** One bar an option, from left to right, its words beside it. */
  options({ bars }) {
    const { truth } = this.message, most = Math.max(1, ...bars.map((bar) => bar.count)), left = WIDTH * 0.46, room = WIDTH - left - 60;
    this.frame(bars.length * LINE * 1.35 + 8);
    return bars.flatMap((bar, i) => {
      const y = 6 + i * LINE * 1.35, right = truth && truth.label === bar.label;
      const words = this.wrapped(bar.label, left - 24);
      return [
        ...words.map((line, j) => this.write(line, left - 12, y + LINE / 2 + 6 + (j - (words.length - 1) / 2) * LETTER, "end", right ? "lab-right" : "")),
        drawn("rect", { x: left, y, height: LINE, width: Math.max(2, (room * bar.count) / most), class: right ? "lab-bar lab-bar-right" : "lab-bar" }),
        this.write(`${bar.count}${right ? " ✓" : ""}`, left + Math.max(2, (room * bar.count) / most) + 10, y + LINE / 2 + 6, "start", right ? "lab-right" : ""),
      ];
    });
  }
  wrapped(text, width) {
    const most = Math.floor(width / (LETTER * 0.54)), lines = [""];
    for (const word of text.split(" ")) {
      if (lines.at(-1) && (lines.at(-1) + word).length >= most) lines.push("");
      lines[lines.length - 1] += (lines.at(-1) ? " " : "") + word;
    }
    return lines.slice(0, 2);
  }

  /** A histogram over the slider's own numbers, and below it each answer as a point at its place. */
  numbers({ bars, points }) {
    const { low, high, logarithmic, unit, truth } = this.message, side = 36, across = WIDTH - 2 * side;
    const place = logarithmic ? (value) => Math.log(value / low) / Math.log(high / low) : (value) => (value - low) / (high - low);
    const x = (value) => side + across * place(value), most = Math.max(1, ...bars.map((bar) => bar.count));
    const top = 46, base = top + BARS, stack = Math.max(1, ...points.map(([, count]) => count)), pace = Math.min(2.1 * DOT, 70 / stack);
    const cloud = base + 14 + Math.min(70, stack * pace), foot = cloud + 16;
    this.frame(foot + 34);
    const edge = (one, other) => (logarithmic ? Math.sqrt(one * other) : (one + other) / 2);
    const shapes = bars.map((bar, i) => {
      // A bar reaches half way to its neighbours' numbers, so that bars meet and none has no width.
      const from = x(i ? edge(bars[i - 1].high, bar.low) : bar.low), to = x(i < bars.length - 1 ? edge(bar.high, bars[i + 1].low) : bar.high);
      const height = (BARS * bar.count) / most;
      return [
        drawn("rect", { x: from + 1, y: base - height, width: Math.max(2, to - from - 2), height, class: "lab-bar" }),
        ...(bar.count ? [this.write(bar.count, (from + to) / 2, base - height - 6)] : []),
      ];
    });
    const dots = points.flatMap(([value, count]) =>
      Array.from({ length: count }, (_, i) => drawn("circle", { cx: x(value), cy: base + 12 + i * pace, r: DOT / 2 + 1, class: "lab-dot" })));
    const axis = [drawn("line", { x1: side, x2: WIDTH - side, y1: base, y2: base, class: "lab-line" }), drawn("line", { x1: side, x2: WIDTH - side, y1: foot, y2: foot, class: "lab-line" })];
    const ticks = this.ticks(low, high, logarithmic).map((value) => this.write(`${format(value, 3)}${unit}`, x(value), foot + 22));
    const right = truth && truth.value !== undefined ? [
      // Over bars of any colour: a light line below the dashes.
      ...["lab-truth-halo", "lab-truth"].map((kind) => drawn("line", { x1: x(truth.value), x2: x(truth.value), y1: top - 18, y2: foot, class: kind })),
      this.write(`the answer: ${truth.label}`, x(truth.value), top - 24, place(truth.value) < 0.15 ? "start" : place(truth.value) > 0.85 ? "end" : "middle", "lab-right"),
    ] : [];
    const words = (node) => node.tagName === "text", all = shapes.flat();
    return [...all.filter((node) => !words(node)), ...axis, ...dots, ...right, ...all.filter(words), ...ticks];
  }
  ticks(low, high, logarithmic) {
    if (!logarithmic) {
      const rough = (high - low) / 6, power = 10 ** Math.floor(Math.log10(rough)), step = power * [1, 2, 5, 10].find((digit) => digit * power >= rough * 0.999);
      const from = Math.ceil(low / step - 1e-9), count = Math.floor(high / step + 1e-9) - from + 1;
      return Array.from({ length: count }, (_, i) => Number(((from + i) * step).toPrecision(8)));
    }
    const first = Math.ceil(Math.log10(low) - 1e-9), last = Math.floor(Math.log10(high) + 1e-9), step = Math.max(1, Math.ceil((last - first) / 6));
    return Array.from({ length: Math.floor((last - first) / step) + 1 }, (_, i) => 10 ** (first + i * step));
  }
  frame(height) {
    this.picture.setAttribute("viewBox", `0 0 ${WIDTH} ${Math.ceil(height)}`);
  }
}
