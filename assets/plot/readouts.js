// Numbers and words beside the charts, following the group.

import { element, format, write } from "./dom.js";
import { View } from "./groups.js";
import { memberOf, wordsOf } from "./messages.js";
import { inksOf, worn } from "./setting.js";

export class Readouts extends View {
  constructor(parent, plotlyUrl) {
    super(parent, plotlyUrl);
    this.root = element("dl", { className: "lab-readouts" });
    parent.append(this.root);
  }
  update(message, dark) {
    this.message = message;
    this.axes = [...new Set([...message.items.flatMap(({ axes }) => axes), ...(message.stands ? ["hand"] : [])])];
    const inks = inksOf(message, dark);
    this.items = message.items.map((item) => {
      const term = element("dt", { textContent: item.label, title: item.help, style: worn(item.colour, inks) });
      const wordy = item.source === "sentences" || item.words?.text.some((text) => text.length > 22);
      return { ...item, node: element("dd"), term, wide: Boolean(wordy) };
    });
    this.sourced = message.items.some(({ source }) => source);
    this.root.replaceChildren(...this.items.map(({ term, node, wide }) => element("div", { className: wide ? "lab-wide" : "" }, term, node)));
    this.draw(this.group.at);
  }
  draw(at) {
    const held = this.message.stands && this.group.hand?.columns(this.message, at)?.values;
    if (Boolean(held) !== Boolean(this.root.style.minHeight)) this.root.style.minHeight = held ? `${this.root.offsetHeight}px` : "";
    for (const { values, words, source, digits, axes, node, name } of this.items || []) {
      const text = held && name in held ? said(held[name], digits) : source ? said(this.group.film?.value(source, at), digits) : words ? wordsOf(words, at) : format(values[memberOf(axes, values.shape, at)], digits);
      write(node, text);
    }
  }
}

/** A film's number or word; a dash where it has not come. */
const said = (value, digits) => (typeof value === "string" ? value || "–" : value === undefined || Number.isNaN(value) ? "–" : format(value, digits));
