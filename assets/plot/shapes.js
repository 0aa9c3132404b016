// Data to pixels, and the outline of each kind of mark. An outline is written to a pen: a Path2D for the screen, vector.js's pen for a file.

/** Data to pixels of one of Plotly's axes, from its range alone, so that zooming and panning are followed; `back` goes the other way. */
export function pixels(axis, upright = false) {
  const log = axis.type === "log";
  const [low, high] = axis.range;
  const scale = ((upright ? -1 : 1) * axis._length) / (high - low);
  const zero = axis._offset + (upright ? axis._length : 0) - low * scale;
  const map = (value) => zero + scale * (log ? Math.log10(value) : value);
  map.back = (pixel) => (log ? 10 ** ((pixel - zero) / scale) : (pixel - zero) / scale);
  return map;
}

/** One member's vertices in pixels, x and y in turn. */
export function vertices({ xy, scale, origin, abscissa, axes }, k, { X, Y }) {
  const size = xy.shape.slice(scale ? 0 : axes.length).reduce((a, b) => a * b, 1);
  const start = scale ? 0 : k * size;
  if (abscissa) {
    const out = new Float64Array(2 * size);
    for (let i = 0; i < size; i++) (out[2 * i] = X(abscissa[i])), (out[2 * i + 1] = Y(xy[start + i]));
    return out;
  }
  const s = scale ? scale[k] : 1, [ox, oy] = origin || [0, 0];
  const out = new Float64Array(size);
  for (let i = 0; i < size; i += 2) {
    out[i] = X(ox + s * xy[start + i]);
    out[i + 1] = Y(oy + s * xy[start + i + 1]);
  }
  return out;
}

// ------------------------------------------------------------------------------------------------------------- clipping

// Canvas and SVG lose their bearings at coordinates of many millions, so nothing is drawn farther than this beside the frame; near enough
// for speed, far enough that no end or corner made by clipping is seen.
const MARGIN = 400;
export const boxAround = ({ x, y, width, height }) => ({ left: x - MARGIN, top: y - MARGIN, right: x + width + MARGIN, bottom: y + height + MARGIN });
export const inside = (box, x, y) => x >= box.left && x <= box.right && y >= box.top && y <= box.bottom; // false for what is not finite

/** The part of a segment within the box as [start, end] fractions (Liang and Barsky), or null. */
function within(box, x0, y0, x1, y1) {
  const dx = x1 - x0, dy = y1 - y0;
  let from = 0, to = 1;
  for (const [step, room] of [[-dx, x0 - box.left], [dx, box.right - x0], [-dy, y0 - box.top], [dy, box.bottom - y0]]) {
    if (step === 0) {
      if (room < 0) return null;
    } else if (step < 0) from = Math.max(from, room / step);
    else to = Math.min(to, room / step);
  }
  return from <= to ? [from, to] : null;
}

function segment(pen, box, x0, y0, x1, y1) {
  const part = within(box, x0, y0, x1, y1);
  if (!part) return;
  pen.moveTo(x0 + part[0] * (x1 - x0), y0 + part[0] * (y1 - y0));
  pen.lineTo(x0 + part[1] * (x1 - x0), y0 + part[1] * (y1 - y0));
}

/** The vertices `from` to `to`, exclusive, as a line; a gap in the data is a gap in the line. */
export function polyline(pen, points, box, from = 0, to = points.length / 2) {
  let known = false, drawing = false, px = 0, py = 0;
  for (let i = 2 * from; i < 2 * to; i += 2) {
    const x = points[i], y = points[i + 1];
    if (!Number.isFinite(x + y)) {
      known = drawing = false;
      continue;
    }
    const here = inside(box, x, y);
    if (drawing && here) pen.lineTo(x, y);
    else if (known) {
      segment(pen, box, px, py, x, y);
      drawing = here;
    } else if (here) {
      pen.moveTo(x, y);
      drawing = true;
    }
    known = true;
    px = x;
    py = y;
  }
}

/** A closed outline, cut to the box side by side (Sutherland and Hodgman) where it leaves it; gaps part it into several. */
function outline(pen, points, box) {
  let ring = [], whole = true;
  const close = () => {
    const cut = whole ? ring : SIDES.reduce((left, [keep, cross]) => cutSide(left, keep, cross, box), ring);
    cut.forEach(([x, y], i) => (i ? pen.lineTo(x, y) : pen.moveTo(x, y)));
    if (cut.length) pen.closePath();
    ring = [];
    whole = true;
  };
  for (let i = 0; i < points.length; i += 2) {
    const x = points[i], y = points[i + 1];
    if (!Number.isFinite(x + y)) close();
    else {
      ring.push([x, y]);
      whole &&= inside(box, x, y);
    }
  }
  close();
}
const atX = (x) => ([ax, ay], [bx, by]) => [x, ay + ((x - ax) / (bx - ax)) * (by - ay)];
const atY = (y) => ([ax, ay], [bx, by]) => [ax + ((y - ay) / (by - ay)) * (bx - ax), y];
const SIDES = [
  [([x], box) => x >= box.left, (box) => atX(box.left)],
  [([x], box) => x <= box.right, (box) => atX(box.right)],
  [([, y], box) => y >= box.top, (box) => atY(box.top)],
  [([, y], box) => y <= box.bottom, (box) => atY(box.bottom)],
];
function cutSide(ring, keep, crossing, box) {
  const out = [], cross = crossing(box);
  ring.forEach((point, i) => {
    const before = ring[(i + ring.length - 1) % ring.length];
    if (keep(point, box) !== keep(before, box)) out.push(cross(before, point));
    if (keep(point, box)) out.push(point);
  });
  return out;
}

// --------------------------------------------------------------------------------------------------------------- outlines

export function arrow(pen, box, x0, y0, x1, y1) {
  const length = Math.hypot(x1 - x0, y1 - y0);
  if (!(length > 1)) return;
  const ux = (x1 - x0) / length, uy = (y1 - y0) / length, head = Math.min(9, 0.7 * length), half = (4 * head) / 9;
  const bx = x1 - head * ux, by = y1 - head * uy;
  segment(pen, box, x0, y0, bx, by);
  if (!inside(box, x1, y1)) return;
  pen.moveTo(x1, y1);
  pen.lineTo(bx - half * uy, by + half * ux);
  pen.lineTo(bx + half * uy, by - half * ux);
  pen.closePath();
}

/** A symbol of radius r. */
export function symbol(pen, kind, x, y, r, box) {
  if (!inside(box, x, y)) return;
  if (kind === "cross") {
    pen.moveTo(x - r, y);
    pen.lineTo(x + r, y);
    pen.moveTo(x, y - r);
    pen.lineTo(x, y + r);
  } else if (kind === "diamond" || kind === "star") {
    const corners = kind === "star" ? 10 : 4;
    for (let i = 0; i < corners; i++) {
      const length = kind === "star" ? r * (i % 2 ? 0.55 : 1.3) : r, angle = (2 * Math.PI * i) / corners - Math.PI / 2;
      pen[i ? "lineTo" : "moveTo"](x + length * Math.cos(angle), y + length * Math.sin(angle));
    }
    pen.closePath();
  } else if (kind === "square" || kind === "triangle") {
    const corners = kind === "square" ? [[-0.85, -0.85], [0.85, -0.85], [0.85, 0.85], [-0.85, 0.85]] : [[0, -1.15], [1.05, 0.75], [-1.05, 0.75]];
    corners.forEach(([dx, dy], i) => pen[i ? "lineTo" : "moveTo"](x + r * dx, y + r * dy));
    pen.closePath();
  } else {
    pen.moveTo(x + r, y);
    pen.arc(x, y, r, 0, 2 * Math.PI);
  }
}

/** Vertices in pixels -> the outline of each kind of mark. */
export const SHAPES = {
  path: (pen, points, mark, box) => polyline(pen, points, box),
  region: (pen, points, mark, box) => outline(pen, points, box),
  segments: (pen, points, mark, box) => {
    for (let i = 0; i + 3 < points.length; i += 4) if (Number.isFinite(points[i] + points[i + 1] + points[i + 2] + points[i + 3])) segment(pen, box, points[i], points[i + 1], points[i + 2], points[i + 3]);
  },
  cursor: (pen, points, mark, box) => polyline(pen, points, box),
  text: () => {},
  point: (pen, [x, y], mark, box) => symbol(pen, mark.symbol, x, y, mark.size, box),
  arrow: (pen, [x0, y0, x1, y1], mark, box) => Number.isFinite(x0 + y0 + x1 + y1) && arrow(pen, box, x0, y0, x1, y1),
};
