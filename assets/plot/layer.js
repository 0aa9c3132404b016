// The moving layer: the member that the group points at becomes a display list, painted on a canvas or written as SVG.
//
// Each part of a scene keeps what it drew last and hands out the very same items until its member or the axes change. So a frame costs what
// has moved; the items at the head of the list that stay the same are painted once into a backdrop and copied from there. Paths that grow with
// a step come in pieces, those that have come to rest before all that moves, so that the backdrop takes them up one by one.

import { contourLines, tint } from "./contours.js";
import { drawn, element } from "./dom.js";
import { memberOf } from "./messages.js";
import { SHAPES, SvgPen, arrow, boxAround, inside, pixels, polyline, symbol, vertices } from "./shapes.js";

const DASHES = { dash: [7, 4], dot: [2, 4], dashdot: [8, 3, 2, 3] };
const WORTH = 400; // vertices: a backdrop of less would cost more to copy than to draw
// Vertices. A line of many that cross each other takes a processor three times as long in one stroke as in short ones.
const PIECE = 8;
// Vertices. More of them are drawn a device's pixel thin: on a fine screen a wider line takes ten times as long.
const MANY = 1000;

/** A part's items, made anew only when one of the values that they hang on has changed. */
function kept(make) {
  let seen, items;
  return (...values) => {
    if (!seen || values.some((value, i) => value !== seen[i])) [seen, items] = [values, make(...values)];
    return items;
  };
}

export class Layer {
  constructor(canvas) {
    this.canvas = canvas;
    this.list = [];
    this.painted = [];
    this.stamp = "";
  }

  /** What each part looks like, worked out once; drawing only moves it. */
  build(message, inks, font) {
    const ink = (colour) => inks[colour] || colour;
    this.paper = ink(message.paper);
    this.font = font;
    const blends = message.blends.filter(({ kind }) => kind === "shade").concat(message.blends.filter(({ kind }) => kind === "contours"));
    this.blends = blends.map((blend) => blendPart(blend, ink(blend.colour)));
    this.marks = message.marks.map((mark) => markPart(mark, ink, this.paper));
    this.backdrop = undefined;
  }

  /** Bring the display list to where the group stands, and paint it. */
  draw(at, { xaxis, yaxis, width, height }) {
    const stamp = [width, height, xaxis._offset, yaxis._offset, xaxis._length, yaxis._length, ...xaxis.range, ...yaxis.range].join();
    if (stamp !== this.stamp) {
      this.stamp = stamp;
      const frame = { x: xaxis._offset, y: yaxis._offset, width: xaxis._length, height: yaxis._length };
      this.view = { width, height, frame, box: boxAround(frame), X: pixels(xaxis), Y: pixels(yaxis, true) };
    }
    const { view } = this, growing = this.marks.filter(({ ghost }) => ghost), rested = growing.map(({ rested }) => rested(at, view));
    this.list = this.blends.flatMap((items) => items(at, view));
    for (const { ghost } of growing) this.list.push(...ghost(at, view));
    const longest = Math.max(0, ...rested.map(({ length }) => length));
    for (let piece = 0; piece < longest; piece++) for (const pieces of rested) if (pieces[piece]) this.list.push(pieces[piece]);
    for (const { items } of this.marks) this.list.push(...items(at, view));
    this.paint();
  }

  paint() {
    const { width, height } = this.view, ratio = Math.min(2, devicePixelRatio || 1), { list, painted } = this;
    const [w, h] = [Math.round(width * ratio), Math.round(height * ratio)];
    const resized = this.canvas.width !== w || this.canvas.height !== h;
    if (resized) Object.assign(this.canvas, { width: w, height: h });
    let same = 0;
    while (same < list.length && list[same] === painted[same]) same++;
    if (same === list.length && painted.length === same && !resized) return;
    this.painted = list;
    // Drawn by the processor, and shown without waiting for the page's compositor: of all ways measured, the one that holds the frame rate without a GPU.
    const pen = (this.pen ||= this.canvas.getContext("2d", { willReadFrequently: true, desynchronized: true }));
    pen.setTransform(1, 0, 0, 1, 0, 0);
    pen.clearRect(0, 0, w, h);
    const behind = resized ? 0 : this.prepare(same, w, h, ratio);
    if (behind) pen.drawImage(this.backdrop.canvas, 0, 0);
    this.strokeAll(pen, list.slice(behind), ratio);
    pen.font = this.font;
    pen.lineJoin = "round";
    for (const words of labels(list)) {
      pen.textAlign = words.align;
      pen.lineWidth = 3.5;
      pen.strokeStyle = this.paper;
      pen.strokeText(words.text, words.x, words.y);
      pen.fillStyle = words.colour;
      pen.fillText(words.text, words.x, words.y);
    }
  }

  /** Have the list's head in the backdrop where that is worth its copy; returns how many items that are. */
  prepare(same, w, h, ratio) {
    const { list } = this, old = this.backdrop;
    const fits = old && old.canvas.width === w && old.canvas.height === h && old.items.length <= same && old.items.every((item, i) => item === list[i]);
    const items = list.slice(0, same);
    if (!fits) {
      if (items.reduce((sum, item) => sum + item.size, 0) < WORTH) return 0;
      const canvas = old?.canvas || element("canvas");
      Object.assign(canvas, { width: w, height: h });
      this.backdrop = { canvas, items: [], pen: canvas.getContext("2d", { willReadFrequently: true }) };
    }
    this.strokeAll(this.backdrop.pen, items.slice(this.backdrop.items.length), ratio);
    this.backdrop.items = items;
    return same;
  }

  strokeAll(pen, items, ratio) {
    const { x, y, width, height } = this.view.frame;
    pen.setTransform(ratio, 0, 0, ratio, 0, 0);
    pen.save();
    pen.beginPath();
    pen.rect(x, y, width, height);
    pen.clip();
    pen.lineJoin = "round";
    for (const item of items) {
      if (item.image) {
        const { left, top, across, down } = item.place;
        pen.globalAlpha = 1;
        pen.drawImage(item.image, left, top, across, down);
        continue;
      }
      if (!item.path) item.outline((item.path = new Path2D()));
      if (item.fill) {
        pen.globalAlpha = item.fillAlpha ?? 1;
        pen.fillStyle = item.pattern ? tile(pen, item.pattern, item.fill) : item.fill;
        pen.fill(item.path);
      }
      if (!item.stroke) continue;
      pen.globalAlpha = item.alpha ?? 1;
      pen.strokeStyle = item.stroke;
      pen.lineWidth = item.hair ? 1 / ratio : item.width;
      pen.lineCap = item.cap || "butt";
      pen.setLineDash(item.dash || []);
      pen.lineDashOffset = item.offset || 0;
      pen.stroke(item.path);
    }
    pen.restore();
  }

  /** The display list as SVG nodes, for the download. */
  asSvg() {
    const clip = drawn("clipPath", { id: "lab-frame" });
    clip.append(drawn("rect", this.view.frame));
    const stage = drawn("g", { "clip-path": "url(#lab-frame)", "stroke-linejoin": "round" }), words = drawn("g", { style: "font:600 13px sans-serif" });
    for (const item of this.list) {
      if (item.image) {
        const { left, top, across, down } = item.place;
        stage.append(drawn("image", { href: item.image.toDataURL(), x: left, y: top, width: across, height: down, preserveAspectRatio: "none" }));
        continue;
      }
      const pen = new SvgPen();
      item.outline(pen);
      if (!pen.d) continue;
      const alpha = item.pattern ? 0.25 : item.fillAlpha ?? 1;
      stage.append(drawn("path", { d: pen.d, fill: item.fill || "none", "fill-opacity": alpha, stroke: item.stroke || "none", "stroke-width": item.width ?? 0, "stroke-opacity": item.alpha ?? 1, "stroke-linecap": item.cap || "butt", "stroke-dasharray": (item.dash || []).join(" "), "stroke-dashoffset": item.offset || 0 }));
    }
    for (const { text, colour, align, x, y } of labels(this.list)) {
      const node = drawn("text", { x, y, fill: colour, stroke: this.paper, "stroke-width": 3.5, "paint-order": "stroke", "text-anchor": { left: "start", right: "end", center: "middle" }[align] });
      node.textContent = text;
      words.append(node);
    }
    return [clip, stage, words];
  }
}

// ------------------------------------------------------------------------------------------------------------------- blends

export function blended(blend, at) {
  const weight = blend.factor[memberOf(blend.axes, blend.factor.shape, at)];
  const out = (blend.out ||= Object.assign(new Float32Array(blend.base.length), { shape: blend.base.shape }));
  for (let i = 0; i < out.length; i++) out[i] = blend.base[i] + weight * blend.by[i];
  return out;
}

function blendPart(blend, colour) {
  const { x, y, base, by, factor, floor, levels } = blend;
  const make = blend.kind === "shade" ? shade : contours;
  const items = kept((weight, bottom, view) => {
    const out = (blend.out ||= new Float32Array(base.length));
    for (let i = 0; i < out.length; i++) out[i] = base[i] + weight * by[i];
    return make(out, x, y, bottom, levels, colour, view);
  });
  return (at, view) => {
    const k = memberOf(blend.axes, factor.shape, at);
    return items(factor[k], floor[k], view);
  };
}

/** Lines of equal height, fainter the higher, so that the valley reads first. */
function contours(z, x, y, floor, levels, colour, { X, Y, box }) {
  const lines = contourLines(z, Float64Array.from(x, X), Float64Array.from(y, Y), Float64Array.from(levels, (step) => floor + step));
  const hair = lines.reduce((sum, line) => sum + line.length / 2, 0) > MANY;
  return lines.map((line, i) => {
    const alpha = 0.62 - (0.37 * i) / Math.max(1, lines.length - 1);
    return { outline: (pen) => polyline(pen, line, box), stroke: colour, width: 1, hair, alpha, size: line.length / 2 };
  });
}

/** The tint as a picture whose pixels' middles lie on the grid's points. */
function shade(z, x, y, floor, levels, colour, { X, Y }) {
  const image = tint(z, x.length, y.length, floor, levels, colour, 0.3);
  const across = (X(x[x.length - 1]) - X(x[0])) / (x.length - 1), down = (Y(y[0]) - Y(y[y.length - 1])) / (y.length - 1);
  const place = { left: X(x[0]) - across / 2, top: Y(y[y.length - 1]) - down / 2, across: across * x.length, down: down * y.length };
  return [{ image, place, size: 4 * WORTH }];
}

// -------------------------------------------------------------------------------------------------------------------- marks

/** What draws a mark: `items` at each member; of a path that grows also its `ghost` and the pieces of it that have `rested`. */
function markPart(mark, ink, paper) {
  const shape = (mark.scale || mark.xy).shape, colour = ink(mark.colour), style = styleOf(mark, colour, paper);
  const member = (at) => memberOf(mark.axes, shape, at);
  const textAt = (k) => mark.text.text[mark.text.index[mark.text.index.length > 1 ? k : 0]];
  const points = kept((k, view) => (mark.kind === "cursor" ? upright(view.X(mark.xy[k]), view.frame) : vertices(mark, k, view)));
  if (mark.until) return growing(mark, member, points, textAt, style, colour, paper);
  const colours = mark.colours.map(ink);
  const items = kept((k, view) => {
    const all = points(k, view);
    if (mark.kind === "chain") return chain(all, mark, colours, colour, view);
    const words = label(textAt(k), ...anchor(mark, all, view.frame), mark.side, view.frame, colour);
    return [{ outline: (pen) => SHAPES[mark.kind](pen, all, mark, view.box), ...style, size: all.length / 2, label: words && [words] }];
  });
  return { items: (at, view) => items(member(at), view) };
}

/** A path that is drawn as far as an axis stands: whole pieces that have rested, and the last one with the head. */
function growing(mark, member, points, textAt, style, colour, paper) {
  const last = (mark.abscissa ? mark.abscissa.length : mark.xy.shape[mark.xy.shape.length - 2]) - 1;
  const reached = (at) => Math.min(at[mark.until] ?? 0, last);
  const cap = style.dash.length ? "butt" : "round"; // pieces meet without a notch
  const run = kept((k, view) => (style.dash.length ? lengths(points(k, view)) : undefined));
  const line = (k, from, to, view) => {
    const all = points(k, view);
    return { outline: (pen) => polyline(pen, all, view.box, from, to + 1), ...style, cap, offset: run(k, view)?.[from], size: to - from };
  };
  const cut = (k, view, changes) => Array.from({ length: Math.ceil(last / PIECE) }, (_, i) => ({ ...line(k, i * PIECE, Math.min(last, (i + 1) * PIECE), view), ...changes }));
  const pieces = kept((k, view) => cut(k, view));
  // The ghost begins where the axis stood when it was drawn: what lies before is covered, and what is passed later need not go.
  const ghosts = kept((k, view, first) => cut(k, view, { alpha: mark.ghost, cap: "butt" }).slice(first));
  let first = 0, seen = [];
  const ghost = (at, view) => {
    const k = member(at), piece = Math.floor(reached(at) / PIECE);
    if (seen[0] !== k || seen[1] !== view || piece < first) [first, seen] = [piece, [k, view]];
    return ghosts(k, view, first);
  };
  const rested = kept((k, count, view) => pieces(k, view).slice(0, count));
  const items = kept((k, n, view) => {
    const all = points(k, view), x = all[2 * n], y = all[2 * n + 1];
    const tail = { ...line(k, n - (n % PIECE), n, view), label: choices(textAt(k), x, y, mark.side, view.frame, colour) };
    if (!mark.head) return [tail];
    return [tail, { outline: (pen) => symbol(pen, mark.head, x, y, mark.size, view.box), ...symbolStyle(mark.head, colour, paper), size: 4 }];
  });
  return {
    ghost: mark.ghost > 0 ? ghost : () => [],
    rested: (at, view) => rested(member(at), Math.floor(reached(at) / PIECE), view),
    items: (at, view) => items(member(at), reached(at), view),
  };
}

/** The length of a line up to each of its vertices, for dashes that go on from piece to piece. */
function lengths(points) {
  const out = new Float64Array(points.length / 2);
  for (let i = 1; i < out.length; i++) out[i] = out[i - 1] + (Math.hypot(points[2 * i] - points[2 * i - 2], points[2 * i + 1] - points[2 * i - 1]) || 0);
  return out;
}

const upright = (x, { y, height }) => [x, y, x, y + height];
const anchor = ({ kind }, points, frame) => (kind === "cursor" ? [points[0], frame.y + 12] : kind === "arrow" || kind === "path" ? points.slice(-2) : points.slice(0, 2));

function styleOf(mark, colour, paper) {
  const style = { stroke: colour, width: mark.width, dash: DASHES[mark.dash] || [] };
  if (mark.kind === "point") return symbolStyle(mark.symbol, colour, paper);
  if (mark.kind === "region") Object.assign(style, mark.pattern ? { pattern: mark.pattern, fill: colour } : { fill: colour, fillAlpha: mark.fill });
  if (mark.kind === "arrow") style.fill = colour;
  return style;
}
function symbolStyle(kind, colour, paper) {
  if (kind === "cross") return { stroke: colour, width: 3 };
  return kind === "ring" ? { fill: paper, stroke: colour, width: 2.4 } : { fill: colour, stroke: paper, width: 1.2 };
}

/** Arrows head to tail, each with its colour, and its label beside its middle. */
function chain(points, mark, colours, otherwise, { frame, box }) {
  const items = [];
  for (let i = 0; 2 * i + 3 < points.length; i++) {
    const [x0, y0, x1, y1] = points.subarray(2 * i, 2 * i + 4), length = Math.hypot(x1 - x0, y1 - y0);
    if (!(length > 1)) continue; // not finite, or too short to have a direction
    const colour = colours[i] || otherwise;
    const label = beside(mark.texts[i], x0, y0, x1, y1, length, frame, colour);
    items.push({ outline: (pen) => arrow(pen, box, x0, y0, x1, y1), stroke: colour, fill: colour, width: mark.width, dash: [], size: 6, label });
  }
  return items;
}

// ------------------------------------------------------------------------------------------------------------------- labels

const SIDES = { right: [10, 4, "left"], left: [-10, 4, "right"], above: [0, -10, "center"], below: [0, 19, "center"], middle: [0, 4, "center"] };
const wide = (text) => 7.2 * text.length;

/** Where a label goes: beside its point, inside the frame; nothing where the point is out of sight. */
function label(text, x, y, wish, frame, colour) {
  const outside = !(x >= frame.x - 1 && x <= frame.x + frame.width + 1 && y >= frame.y - 1 && y <= frame.y + frame.height + 1);
  if (!text || outside) return null;
  // A label that would leave the plot on the right goes to the left of its point instead.
  const side = wish === "right" && x + wide(text) + 12 > frame.x + frame.width ? "left" : wish;
  const [dx, dy, align] = SIDES[side];
  return { text, colour, align, x: x + dx, y: Math.max(frame.y + 12, Math.min(y + dy, frame.y + frame.height - 4)) };
}

/** The same, with other places to go to where the wished one is taken: the other sides, then rows above and below them. */
function choices(text, x, y, wish, frame, colour) {
  const first = label(text, x, y, wish, frame, colour);
  if (!first) return null;
  const others = ["right", "left", "above", "below"].map((side) => label(text, x, y, side, frame, colour));
  const rows = ROWS.flatMap((row) => others.slice(0, 2).map((place) => ({ ...place, y: place.y + row })));
  return [first, ...others, ...rows.filter((place) => place.y > frame.y + 10 && place.y < frame.y + frame.height)];
}
const ROWS = [-15, 15, -30, 30, -45, 45, -60, 60];

/** Places beside an arrow, at its middle first. */
function beside(text, x0, y0, x1, y1, length, frame, colour) {
  if (!text) return null;
  const nx = (y1 - y0) / length, ny = -(x1 - x0) / length, places = [];
  for (const part of [0.5, 0.7, 0.3]) {
    for (const turn of [1, -1]) {
      const x = x0 + part * (x1 - x0) + 11 * turn * nx, y = y0 + part * (y1 - y0) + 11 * turn * ny;
      const align = Math.abs(nx) < 0.4 ? "center" : turn * nx > 0 ? "left" : "right";
      if (inside({ left: frame.x, top: frame.y, right: frame.x + frame.width, bottom: frame.y + frame.height }, x, y)) places.push({ text, colour, align, x, y: y + 4 });
    }
  }
  return places.length ? places : null;
}

/** A place for each label, the first of its choices that no label before it covers. */
function labels(list) {
  const taken = [];
  return list.flatMap(({ label: places }) => {
    if (!places) return [];
    const boxes = places.map(({ text, align, x, y }) => {
      const left = x - wide(text) * { left: 0, center: 0.5, right: 1 }[align];
      return { left, right: left + wide(text), top: y - 11, bottom: y + 3 };
    });
    const free = boxes.findIndex((box) => !taken.some((other) => box.left < other.right && other.left < box.right && box.top < other.bottom && other.top < box.bottom));
    taken.push(boxes[Math.max(0, free)]);
    return [places[Math.max(0, free)]];
  });
}

const tiles = new Map();
/** A hatch or dots in one colour: the second cue of a region, for eyes that do not tell the hues apart. */
function tile(pen, kind, colour) {
  const key = `${kind} ${colour}`;
  if (!tiles.has(key)) {
    const canvas = element("canvas", { width: 8, height: 8 }), ink = canvas.getContext("2d", { willReadFrequently: true }); // else read back each frame
    ink.fillStyle = ink.strokeStyle = colour;
    ink.globalAlpha = 0.13;
    ink.fillRect(0, 0, 8, 8);
    ink.globalAlpha = 0.6;
    if (kind === "hatch") ink.stroke(new Path2D("M-2 2L2 -2M0 8L8 0M6 10L10 6"));
    else ink.fill(new Path2D("M3 4a1 1 0 1 0 2 0a1 1 0 1 0 -2 0Z"));
    tiles.set(key, pen.createPattern(canvas, "repeat"));
  }
  return tiles.get(key);
}
