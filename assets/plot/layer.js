// The moving layer: the member that the group points at becomes a display list, painted on a canvas; vector.js writes the same list as SVG.
//
// Each part of a scene keeps what it drew last and hands out the very same items until its member or the axes change. So a frame costs what
// has moved; the items at the head of the list that stay the same are painted once into a backdrop and copied from there. Paths that grow with
// a step come in pieces, those that have come to rest before all that moves, so that the backdrop takes them up one by one.
//
// A part takes its columns from its mark, or from the group's film by the name of a source; of a column that fills in while it is computed the
// film's `version` says that it has changed. What a hand has taken hold of, and all that follows from it, comes in their stead (hand.js).

import { bars, cloud } from "./clouds.js";
import { contourLines, tint } from "./contours.js";
import { element } from "./dom.js";
import { field } from "./fields.js";
import { memberOf } from "./messages.js";
import { network, thinned } from "./networks.js";
import { SHAPES, arrow, boxAround, inside, pixels, polyline, symbol, vertices } from "./shapes.js";

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
  build(message, inks, dark, scale, font, film, held = () => undefined) {
    const ink = (colour) => inks[colour] || colour;
    this.paper = ink(message.paper);
    this.font = font;
    const blends = message.blends.filter(({ kind }) => kind === "shade").concat(message.blends.filter(({ kind }) => kind === "contours"));
    this.blends = blends.map((blend) => blendPart(blend, ink(blend.colour), film, message.blends.indexOf(blend)));
    this.held = held;
    this.scale = scale;
    this.marks = message.marks.map((mark) => markPart(mark, ink, this.paper, film, dark));
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
    const { view } = this, held = this.held(), growing = this.marks.filter(({ ghost }) => ghost), rested = growing.map(({ rested }) => rested(at, view, held));
    this.list = this.blends.flatMap((items) => items(at, view, held));
    for (const { ghost } of growing) this.list.push(...ghost(at, view, held));
    const longest = Math.max(0, ...rested.map(({ length }) => length));
    for (let piece = 0; piece < longest; piece++) for (const pieces of rested) if (pieces[piece]) this.list.push(pieces[piece]);
    for (const { items } of this.marks) this.list.push(...items(at, view, held));
    this.paint();
  }

  paint() {
    const { width, height } = this.view, ratio = Math.min(2, this.scale * (devicePixelRatio || 1)), { list, painted } = this;
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
    pen.setTransform(1, 0, 0, 1, 0, 0);
    for (const { text, colour, align, x, y } of labels(list)) {
      const { picture, across, rise } = word(text, colour, this.paper, this.font, ratio);
      pen.drawImage(picture, Math.round(x * ratio - across * SHARES[align]) - rise, Math.round(y * ratio) - picture.height / 2);
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
      if (item.stamps) {
        this.print(pen, item, ratio);
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

  /** Paint a cloud: from a picture of its own, in which it is printed once, each kind of point from a stamp. */
  print(pen, item, ratio) {
    const { width, height } = pen.canvas;
    if (item.picture?.width !== width || item.picture.height !== height) {
      const ink = (made) => made.getContext("2d", { willReadFrequently: true });
      item.picture = element("canvas", { width, height });
      for (const { radius, places, outline, fill, stroke, width: line } of item.stamps) {
        const half = Math.ceil(radius * ratio), one = element("canvas", { width: 2 * half, height: 2 * half }), path = new Path2D();
        outline(path);
        const small = ink(one), large = ink(item.picture);
        small.setTransform(ratio, 0, 0, ratio, half, half);
        Object.assign(small, { fillStyle: fill || "transparent", strokeStyle: stroke, lineWidth: line, lineJoin: "round" });
        if (fill) small.fill(path);
        small.stroke(path);
        for (let i = 0; i < places.length; i += 2) large.drawImage(one, Math.round(places[i] * ratio) - half, Math.round(places[i + 1] * ratio) - half);
      }
    }
    pen.globalAlpha = 1;
    pen.setTransform(1, 0, 0, 1, 0, 0);
    pen.drawImage(item.picture, 0, 0);
    pen.setTransform(ratio, 0, 0, ratio, 0, 0);
  }
}

// ------------------------------------------------------------------------------------------------------------------- blends

export function blended(blend, at, base = blend.base) {
  const weight = blend.factor[memberOf(blend.axes, blend.factor.shape, at)];
  const out = (blend.out ||= Object.assign(new Float32Array(blend.base.length), { shape: blend.base.shape }));
  for (let i = 0; i < out.length; i++) out[i] = base[i] + weight * blend.by[i];
  return out;
}

function blendPart(blend, colour, film, place) {
  const make = blend.kind === "shade" ? shade : contours;
  const items = kept((base, by, x, y, levels, weight, bottom, view) => {
    const out = by.length ? (blend.out ||= new Float32Array(base.length)) : base;
    if (by.length) for (let i = 0; i < out.length; i++) out[i] = base[i] + weight * by[i];
    return make(out, x, y, bottom ?? out.reduce((least, z) => Math.min(least, z), Infinity), levels, colour, view);
  });
  const source = blend.source || {};
  return (at, view, held) => {
    const other = held?.blends?.[place], column = (name) => other?.[name] ?? (source[name] ? film()?.column(source[name]) : blend[name]);
    const [base, by, x, y, levels, floor, factor] = ["base", "by", "x", "y", "levels", "floor", "factor"].map(column);
    if (!base || !by || !x || !y || !levels || !floor) return [];
    const k = memberOf(blend.axes, blend.factor.shape, at), own = source.base && !source.floor;
    return items(base, by, x, y, levels, factor[k], own ? undefined : floor[Math.min(k, floor.length - 1)], view);
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
function markPart(mark, ink, paper, film, dark) {
  const colour = ink(mark.colour), style = styleOf(mark, colour, paper), colours = mark.colours.map(ink);
  const own = columnOf(mark.source, mark.xy, film);
  const column = (held) => held?.marks?.[mark.name]?.xy ?? own();
  const textAt = (k) => mark.text.text[mark.text.index[mark.text.index.length > 1 ? k : 0]];
  if (mark.until) return growing(mark, column, film, textAt, style, colour, paper);
  const draw = DRAWN[mark.kind]?.(mark, { ink, colour, colours, paper, film, dark, textAt });
  const items = kept((xy, version, k, view, held, ...others) => {
    if (draw) return draw(xy, k, view, ...others);
    const all = mark.kind === "cursor" ? upright(view.X(xy[k]), view.frame) : vertices({ ...mark, ...held, xy }, k, view);
    if (mark.kind === "chain") return chain(all, mark, colours, colour, view);
    const free = mark.side === "free", said = [held?.text ?? textAt(k), ...anchor(mark, all, view.frame), free ? "right" : mark.side, view.frame, colour];
    const words = free ? choices(...said) : label(...said);
    return [{ outline: (pen) => SHAPES[mark.kind](pen, all, mark, view.box), ...style, size: all.length / 2, label: free ? words : words && [words] }];
  });
  const version = () => (mark.source && !mark.source.startsWith("frame.") ? film().version : 0);
  return {
    items: (at, view, held) => {
      const xy = column(held), other = held?.marks?.[mark.name], known = mark.source ? { ...at, ...film()?.here } : at;
      const shape = (other?.scale || (other ? undefined : mark.scale) || xy)?.shape;
      return xy ? items(xy, version(), memberOf(mark.axes, shape, known), view, other, ...(draw?.others(at) || [])) : [];
    },
  };
}

/** The column of a source, or a mark's own. */
const columnOf = (source, own, film) => (source ? () => film()?.column(source) : () => own);

/** One member of a column, which all share where it has as many dimensions as a member alone. */
const memberOfColumn = (column, k, dimensions) => {
  if (column.shape.length <= dimensions) return column;
  const size = column.shape.slice(-dimensions).reduce((a, b) => a * b, 1);
  return column.subarray(k * size, (k + 1) * size);
};

/** The kinds that are more than an outline. Each says which `others` of a film's columns it hangs on. */
const DRAWN = {
  field: (mark, { colour, film, dark }) => {
    const windowNow = columnOf(mark.window_source, mark.window || [0, 1, 0, 1], film), palette = (dark && mark.palette_dark) || mark.palette;
    const draw = (xy, k, view, window) => {
      const [ny, nx] = xy.shape.slice(-2);
      return window ? field(xy.subarray(k * nx * ny, (k + 1) * nx * ny), nx, ny, window, palette, mark, colour, view) : [];
    };
    return Object.assign(draw, { others: () => [windowNow()] });
  },
  points: (mark, { colours, colour, paper }) => {
    const draw = (xy, k, view) => [cloud(vertices({ ...mark, xy }, k, view), mark, colours.length ? colours : [colour], paper, view)];
    return Object.assign(draw, { others: () => [] });
  },
  bars: (mark, { colours, colour, film, textAt }) => {
    const edgesNow = columnOf(mark.abscissa_source, mark.abscissa, film), zerosNow = columnOf(mark.zeros_source, undefined, film);
    const draw = (xy, k, view, edges, zeros) => {
      if (!edges) return [];
      const count = zeros?.[Math.min(k, zeros.length - 1)], b = xy.shape[xy.shape.length - 1];
      return bars(xy.subarray(k * b, (k + 1) * b), memberOfColumn(edges, k, 1), count, mark, colour, colours[0] || colour, view).map(({ top, ...item }) => {
        const words = top && textAt(k) && label(`${Math.round(count)} ${textAt(k)}`, ...top, "right", view.frame, colours[0] || colour);
        return words ? { ...item, label: [words] } : item;
      });
    };
    return Object.assign(draw, { others: () => [edgesNow(), zerosNow()] });
  },
  network: (mark, { ink, colour, colours, paper, film }) => {
    const droppedNow = columnOf(mark.dropped_source, undefined, film), deadNow = columnOf(mark.dead_source, undefined, film);
    const inks = { positive: colour, negative: colours[0] || colour, unit: colours[1] || colour, dropped: colours[2] || colours[1] || colour, paper };
    const own = (column, k) => column && memberOfColumn(column, k, 1);
    const draw = (xy, k, view, dropped, gone) => network(own(xy, k), own(dropped, k), own(gone, k), mark, inks, view);
    return Object.assign(draw, { others: () => [droppedNow(), deadNow()] });
  },
  thinned: (mark, { ink, colour, colours, paper }) => {
    const inks = { positive: colour, negative: colours[0], unit: colours[1], dropped: colours[2], error: colours[3], paper };
    const own = (column, k) => memberOfColumn(column, k, 1);
    const draw = (xy, k, view, stage) => thinned(own(xy, k), own(mark.alive, k), own(mark.values, k), own(mark.errors, k), stage, mark, inks, view);
    return Object.assign(draw, { others: (at) => [at[mark.stage] ?? 0] });
  },
};

/** A path that is drawn as far as an axis stands: whole pieces that have rested, and the last one with the head. */
function growing(mark, column, film, textAt, style, colour, paper) {
  const cap = style.dash.length ? "butt" : "round"; // pieces meet without a notch
  const line = ({ all, run }, from, to, view) => ({ outline: (pen) => polyline(pen, all, view.box, from, to + 1), ...style, cap, offset: run?.[from], size: to - from });
  // The line that is shown: its vertices and its pieces. One that a film brings is only lengthened when more of it comes.
  let shown;
  const now = (at, view, held) => {
    const xy = column(held);
    if (!xy) return undefined;
    const k = memberOf(mark.axes, xy.shape, at), last = (mark.abscissa ? mark.abscissa.length : xy.shape[xy.shape.length - 2]) - 1;
    const reach = mark.source ? Math.min(last, film().reach) : last, cuts = mark.source ? film().cuts : 0;
    const same = shown && shown.xy === xy && shown.k === k && shown.view === view && shown.cuts === cuts && shown.reach <= reach;
    if (same && shown.reach === reach) return shown;
    const before = same ? Math.floor(shown.reach / PIECE) : 0, all = vertices({ ...mark, xy }, k, view), next = { xy, k, view, cuts, reach, all };
    next.run = style.dash.length ? lengths(all) : undefined;
    const cut = (changes) => Array.from({ length: Math.ceil(reach / PIECE) - before }, (_, i) => ({ ...line(next, (before + i) * PIECE, Math.min(reach, (before + i + 1) * PIECE), view), ...changes }));
    next.pieces = [...(same ? shown.pieces.slice(0, before) : []), ...cut({})];
    next.ghosts = mark.ghost > 0 ? [...(same ? shown.ghosts.slice(0, before) : []), ...cut({ alpha: mark.ghost, cap: "butt" })] : [];
    return (shown = next);
  };
  const reached = (at, { reach }) => Math.min(at[mark.until] ?? 0, reach);
  // The ghost begins where the axis stood when it was drawn: what lies before is covered, and what is passed later need not go.
  let first = 0, seen = [];
  const ghost = (at, view, held) => {
    const all = now(at, view, held);
    if (!all) return [];
    const piece = Math.floor(reached(at, all) / PIECE);
    if (seen[0] !== all.k || seen[1] !== view || piece < first) [first, seen] = [piece, [all.k, view]];
    return ghosts(all, first);
  };
  const ghosts = kept((all, from) => all.ghosts.slice(from));
  const rested = kept((all, count) => all.pieces.slice(0, count));
  const items = kept((all, n, view) => {
    const x = all.all[2 * n], y = all.all[2 * n + 1];
    const tail = { ...line(all, n - (n % PIECE), n, view), label: choices(textAt(all.k), x, y, mark.side, view.frame, colour) };
    if (!mark.head) return [tail];
    return [tail, { outline: (pen) => symbol(pen, mark.head, x, y, mark.size, view.box), ...symbolStyle(mark.head, colour, paper), size: 4 }];
  });
  const none = [];
  const of = (at, view, held, make) => {
    const all = now(at, view, held);
    return all ? make(all) : none;
  };
  return {
    ghost: mark.ghost > 0 ? ghost : () => none,
    rested: (at, view, held) => of(at, view, held, (all) => rested(all, Math.floor(reached(at, all) / PIECE))),
    items: (at, view, held) => of(at, view, held, (all) => items(all, reached(at, all), view)),
  };
}

/** The length of a line up to each of its vertices, for dashes that go on from piece to piece. */
function lengths(points) {
  const out = new Float64Array(points.length / 2);
  for (let i = 1; i < out.length; i++) out[i] = out[i - 1] + (Math.hypot(points[2 * i] - points[2 * i - 2], points[2 * i + 1] - points[2 * i - 1]) || 0);
  return out;
}

const upright = (x, { y, height }) => [x, y, x, y + height];
const NOWHERE = [NaN, NaN];
const anchor = ({ kind }, points, frame) => (!points.length ? NOWHERE : kind === "cursor" ? [points[0], frame.y + 12] : kind === "arrow" || kind === "path" ? points.slice(-2) : points.slice(0, 2));

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
export function labels(list) {
  const taken = [];
  return list.flatMap(({ label: places, labels: fixed }) => {
    if (fixed) return fixed; // these have their places
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

const SHARES = { left: 0, center: 0.5, right: 1 };
const MOST = 600; // words that are kept
const words = new Map();
document.fonts?.addEventListener?.("loadingdone", () => words.clear());
/**
 * A label as a picture, drawn once. A canvas that stands in the page has the browser work out the styles of the whole page anew before it writes a
 * word, wherever a caption has changed: 2.6 ms for each chart in each frame. One that stands nowhere has not.
 *
 * `across` is the word's width in pixels of the device, `rise` the room to its left; its line runs through the picture's middle.
 */
function word(text, colour, paper, font, ratio) {
  const key = [text, colour, paper, font, ratio].join("|"), known = words.get(key);
  if (known) return known;
  if (words.size >= MOST) words.clear();
  const picture = element("canvas"), pen = picture.getContext("2d", { willReadFrequently: true }), rise = Math.ceil(3 * ratio);
  pen.font = font;
  const across = pen.measureText(text).width * ratio;
  Object.assign(picture, { width: Math.ceil(across) + 2 * rise, height: 2 * Math.ceil(16 * ratio) });
  pen.setTransform(ratio, 0, 0, ratio, rise, picture.height / 2);
  Object.assign(pen, { font, lineJoin: "round", lineWidth: 3.5, strokeStyle: paper, fillStyle: colour });
  pen.strokeText(text, 0, 0);
  pen.fillText(text, 0, 0);
  const made = { picture, across, rise };
  words.set(key, made);
  return made;
}

/** The hatch and the dots of regions: the side of their tile in pixels, how strong the shade and the ink on it are, and their outlines. */
export const HATCH = { size: 8, shade: 0.13, ink: 0.6, lines: "M-2 2L2 -2M0 8L8 0M6 10L10 6", dots: "M3 4a1 1 0 1 0 2 0a1 1 0 1 0 -2 0Z" };
const tiles = new Map();
/** A hatch or dots in one colour: the second cue of a region, for eyes that do not tell the hues apart. */
function tile(pen, kind, colour) {
  const key = `${kind} ${colour}`;
  if (!tiles.has(key)) {
    const { size, shade, ink: strength, lines, dots } = HATCH;
    const canvas = element("canvas", { width: size, height: size }), ink = canvas.getContext("2d", { willReadFrequently: true }); // else read back each frame
    ink.fillStyle = ink.strokeStyle = colour;
    ink.globalAlpha = shade;
    ink.fillRect(0, 0, size, size);
    ink.globalAlpha = strength;
    if (kind === "hatch") ink.stroke(new Path2D(lines));
    else ink.fill(new Path2D(dots));
    tiles.set(key, pen.createPattern(canvas, "repeat"));
  }
  return tiles.get(key);
}
