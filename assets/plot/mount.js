// The lab's one chart component. Plotly draws what stands still (axes, static traces, hover); a thin canvas over Plotly's own
// axes draws what moves, in data coordinates, straight from the columns of a family. Every view of a group follows its scrubs:
// nothing is sent while one is dragged or played, and one commit goes to Python when it is let go.
//
// In: the bytes that ui/plot.py packs. Out: the triggers "commit" {axis, index, count} of a scrub, "commit" {values, count} of a hand, "pick" {x, y, count} of a chart and
// "gone" {run, count} of a film, "news" {study, state, count} and "stop" {study, count} of a study's progress,
// "moved", "over" and "known" of a class room, "typed" and "commit" {text, count} of a formula.

import { Chart } from "./chart.js";
import { ClassRoom } from "./classroom.js";
import { isDark } from "./dom.js";
import { Film } from "./film.js";
import { Formula } from "./formula.js";
import { Hand } from "./hand.js";
import { fingerprint, unpack } from "./messages.js";
import { Paper } from "./paper.js";
import { Progress } from "./progress.js";
import { Readouts } from "./readouts.js";
import { Scrub } from "./scrub.js";
import { Stage } from "./stage.js";
import { Table } from "./table.js";
import { Tally } from "./tally.js";
import { Warm } from "./warm.js";
// Named here, though others use them, so that a browser asks for all files at once and not for one after the other.
import "./about.js";
import "./clouds.js";
import "./contours.js";
import "./fields.js";
import "./groups.js";
import "./handles.js";
import "./layer.js";
import "./leave.js";
import "./networks.js";
import "./reel.js";
import "./setting.js";
import "./shapes.js";
import "./stream.js";
import "./vector.js";

const KINDS = {
  chart: Chart, scrub: Scrub, readouts: Readouts, table: Table, film: Film, progress: Progress, paper: Paper, warm: Warm, class: ClassRoom, tally: Tally,
  stage: Stage, formula: Formula, hand: Hand,
};
const views = new WeakMap(); // parentElement -> view

/** Entry point: runs again at each change of data or theme, so everything below is idempotent. */
export function mount(component, plotlyUrl) {
  const { data, parentElement } = component;
  let view = views.get(parentElement);
  if (!view) {
    view = new KINDS[unpack(data).kind](parentElement, plotlyUrl);
    views.set(parentElement, view);
  }
  view.component = component;
  const theme = getComputedStyle(parentElement).getPropertyValue("--st-background-color");
  const stamp = `${fingerprint(data)} ${theme}`;
  if (stamp !== view.stamp) {
    view.stamp = stamp;
    const message = unpack(data);
    view.join(message.group);
    view.redress = () => view.update(message, isDark(getComputedStyle(parentElement).getPropertyValue("--st-background-color")));
    view.redress();
  }
  // Where new data come before the module of the call before has been awaited, Streamlit runs that call's cleanup though nothing is unmounted: the
  // element still stands in the page then, and what a hand is on must not be made anew.
  return () => {
    if (parentElement.isConnected || views.get(parentElement) !== view) return;
    views.delete(parentElement);
    view.dispose();
  };
}
