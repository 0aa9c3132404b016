// Nothing to see: has Plotly fetched and compiled while a reader is still on a page without charts, so that the first lab's charts need not wait for it.

import { loadPlotly } from "./chart.js";
import { View } from "./groups.js";

export class Warm extends View {
  update() {
    const begin = () => loadPlotly(this.plotlyUrl).catch(() => {}); // a lab says what is wrong, if it still is
    (window.requestIdleCallback ?? setTimeout)(begin);
  }
  draw() {}
}
