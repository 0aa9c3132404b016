// The moving layer as vector graphics: the display list that the canvas shows, written as SVG nodes for files and for paper.
//
// Outlines are the canvas's own, written to another pen, so a picture shows what is seen. What is made of pixels (tints, fields) is embedded.

import { drawn } from "./dom.js";
import { HATCH, labels } from "./layer.js";

/** A pen that writes a path's `d`. */
class SvgPen {
  constructor() {
    this.d = "";
  }
  moveTo(x, y) {
    this.d += `M${x.toFixed(1)} ${y.toFixed(1)}`;
  }
  lineTo(x, y) {
    this.d += `L${x.toFixed(1)} ${y.toFixed(1)}`;
  }
  /** A whole circle, from where `symbol` has moved to. */
  arc(x, y, r) {
    this.d += `a${r} ${r} 0 1 0 ${-2 * r} 0a${r} ${r} 0 1 0 ${2 * r} 0`;
  }
  closePath() {
    this.d += "Z";
  }
}

/**
 * What a layer shows, as SVG nodes in pixels of its chart.
 *
 * id: begins the ids of what is referred to within the picture; pictures in one document need different ones.
 */
export function vectors({ list, view, paper, font }, id = "lab") {
  const definitions = drawn("defs"), clip = drawn("clipPath", { id: `${id}-frame` });
  clip.append(drawn("rect", view.frame));
  definitions.append(clip);
  const stage = drawn("g", { "clip-path": `url(#${id}-frame)`, "stroke-linejoin": "round" }), words = drawn("g", { style: `font:${font}`, "stroke-linejoin": "round" });
  const known = new Map(); // what is drawn more than once -> its id
  const defined = (key, make) => {
    if (!known.has(key)) {
      known.set(key, `${id}-${known.size}`);
      const node = make();
      node.id = known.get(key);
      definitions.append(node);
    }
    return known.get(key);
  };
  for (const item of list) {
    if (item.image) stage.append(picture(item));
    else if (item.stamps) for (const stamp of item.stamps) stage.append(...printed(stamp, defined));
    else stage.append(...shape(item, defined));
  }
  for (const { text, colour, align, x, y } of labels(list)) {
    const node = drawn("text", { x: short(x), y: short(y), fill: colour, stroke: paper, "stroke-width": 3.5, "paint-order": "stroke", "text-anchor": ANCHORS[align] });
    node.textContent = text;
    words.append(node);
  }
  return [definitions, stage, words];
}
const ANCHORS = { left: "start", right: "end", center: "middle" };
const short = (number) => Math.round(10 * number) / 10;

function picture({ image, place: { left, top, across, down } }) {
  return drawn("image", { href: image.toDataURL(), x: left, y: top, width: across, height: down, preserveAspectRatio: "none" });
}

/** An item as a path, or as none where it has no outline; what says nothing is left out. */
function shape({ outline, fill, fillAlpha = 1, pattern, stroke, width = 0, alpha = 1, cap, dash, offset }, defined) {
  const pen = new SvgPen(), said = { d: "", fill: "none" };
  outline(pen);
  if (!pen.d) return [];
  said.d = pen.d;
  if (fill) said.fill = pattern ? `url(#${defined(`${pattern} ${fill}`, () => hatched(pattern, fill))})` : fill;
  if (fill && fillAlpha !== 1) said["fill-opacity"] = fillAlpha;
  if (stroke) Object.assign(said, { stroke, "stroke-width": width }, alpha !== 1 && { "stroke-opacity": alpha }, cap && { "stroke-linecap": cap });
  if (stroke && dash?.length) Object.assign(said, { "stroke-dasharray": dash.join(" ") }, offset && { "stroke-dashoffset": short(offset) });
  return [drawn("path", said)];
}

/** A region's hatch or dots, as the canvas has them. */
function hatched(kind, colour) {
  const { size, shade, ink, lines, dots } = HATCH, pattern = drawn("pattern", { width: size, height: size, patternUnits: "userSpaceOnUse" });
  pattern.append(drawn("rect", { width: size, height: size, fill: colour, "fill-opacity": shade }));
  pattern.append(kind === "hatch" ? drawn("path", { d: lines, stroke: colour, "stroke-opacity": ink }) : drawn("path", { d: dots, fill: colour, "fill-opacity": ink }));
  return pattern;
}

/** All points of one stamp, each on top of those before it. */
function printed({ places, outline, ...style }, defined) {
  const made = shape({ outline: (pen) => outline(pen), ...style }, defined)[0];
  if (!made) return [];
  const id = defined(made.outerHTML, () => made);
  return Array.from({ length: places.length / 2 }, (_, i) => drawn("use", { href: `#${id}`, x: short(places[2 * i]), y: short(places[2 * i + 1]) }));
}
