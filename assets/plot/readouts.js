// Numbers and words beside the charts, following the group.

import { element, format } from "./dom.js";
import { View } from "./groups.js";
import { memberOf, wordsOf } from "./messages.js";

export class Readouts extends View {
  constructor(parent, plotlyUrl) {
    super(parent, plotlyUrl);
    this.root = element("dl", { className: "lab-readouts" });
    parent.append(this.root);
  }
  update(message, dark) {
    this.axes = [...new Set(message.items.flatMap(({ axes }) => axes))];
    this.items = message.items.map((item) => {
      const term = element("dt", { textContent: item.label, title: item.help, style: `color:${(dark && message.inks[item.colour]) || item.colour}` });
      return { ...item, node: element("dd"), term, wide: Boolean(item.words?.text.some((text) => text.length > 22)) };
    });
    this.root.replaceChildren(...this.items.map(({ term, node, wide }) => element("div", { className: wide ? "lab-wide" : "" }, term, node)));
    this.draw(this.group.at);
  }
  draw(at) {
    for (const { values, words, digits, axes, node } of this.items || []) {
      const text = words ? wordsOf(words, at) : format(values[memberOf(axes, values.shape, at)], digits);
      if (node.textContent !== text) node.textContent = text;
    }
  }
}
