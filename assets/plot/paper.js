// The page on paper. Before a browser prints, every view makes itself ready for it: charts in light colours, at a sheet's width and as vectors. After that
// all is as before. A browser does not wait here, so nothing of it may.

import { about } from "./about.js";
import { element } from "./dom.js";
import { View, everyView } from "./groups.js";

/** The button that prints; Ctrl+P does the same. */
export class Paper extends View {
  constructor(parent, plotlyUrl) {
    super(parent, plotlyUrl);
    const title = "Charts, numbers and settings as they stand, on paper or as PDF";
    this.root = element("button", { type: "button", className: "lab-print", textContent: "Print", title, onclick: () => print() });
    parent.append(this.root);
  }
  update() {}
  draw() {}
}

const margins = element("style");
const quoted = (text) => JSON.stringify(text).replaceAll("<", "\\3c ");

addEventListener("beforeprint", () => {
  const { title, link } = about(), date = new Date().toLocaleDateString("en-GB", { day: "numeric", month: "long", year: "numeric" });
  for (const node of document.querySelectorAll(".lab-link")) node.textContent = link;
  for (const node of document.querySelectorAll(".lab-date")) node.textContent = date;
  const small = "font: 8.5pt sans-serif; color: #1B2733;";
  margins.textContent = `@page { @bottom-left { content: ${quoted(`${title} · Regularization Lab · ${date}`)}; ${small} } @bottom-right { content: counter(page) " of " counter(pages); ${small} } }`;
  document.head.append(margins);
  for (const view of everyView()) view.paper?.(true);
});
addEventListener("afterprint", () => {
  margins.remove();
  for (const view of everyView()) view.paper?.(false);
});
