// Many of a kind: a cloud of points by class, and bars.

import { inside, symbol } from "./shapes.js";

/**
 * A cloud as one item: for each class of filled points, and of rings, the outline of one of them and its places.
 *
 * points: pixels, x and y in turn; mark.classes, mark.hollow: of each point; inks: the colour of each class.
 */
export function cloud(points, mark, inks, paper, { box }) {
  const { symbols = ["circle"], size } = mark, stamps = new Map();
  for (let i = 0; 2 * i < points.length; i++) {
    const x = points[2 * i], y = points[2 * i + 1];
    if (!inside(box, x, y)) continue;
    const c = mark.classes?.[i] ?? 0, ring = Boolean(mark.hollow?.[i]), key = 2 * c + ring;
    if (!stamps.has(key)) stamps.set(key, stamp(symbols[c % symbols.length], size, ring, inks[c % inks.length], paper));
    stamps.get(key).places.push(x, y);
  }
  return { size: points.length / 2, stamps: [...stamps.entries()].sort(([a], [b]) => a - b).map(([, each]) => each) };
}

function stamp(kind, size, ring, ink, paper) {
  const style = kind === "cross" ? { stroke: ink, width: ring ? 1 : 2 } : ring ? { fill: paper, stroke: ink, width: 1.5 } : { fill: ink, stroke: paper, width: 1 };
  return { ...style, radius: Math.ceil(1.4 * size + 2), places: [], outline: (pen, x = 0, y = 0) => symbol(pen, kind, x, y, size, ANYWHERE) };
}
const ANYWHERE = { left: -Infinity, top: -Infinity, right: Infinity, bottom: Infinity };

/**
 * Bars from 0 up, and the exact zeros as one of their own.
 *
 * heights: (b,), edges: (b + 1,) of one member; zeros: how many, or undefined.
 */
export function bars(heights, edges, zeros, mark, colour, zeroColour, { X, Y, frame, box }) {
  const floor = Math.min(frame.y + frame.height, Number.isFinite(Y(0)) ? Y(0) : Infinity), level = (height) => Math.max(box.top, Math.min(Y(height), floor));
  const rectangle = (pen, left, right, top) => {
    pen.moveTo(left, floor);
    pen.lineTo(left, top);
    pen.lineTo(right, top);
    pen.lineTo(right, floor);
    pen.closePath();
  };
  const outline = (pen) => {
    for (let i = 0; i < heights.length; i++) {
      if (!(heights[i] > 0)) continue;
      const left = X(edges[i]), right = X(edges[i + 1]), gap = Math.min(1, 0.1 * (right - left));
      rectangle(pen, left + gap / 2, right - gap / 2, level(heights[i]));
    }
  };
  const items = [{ outline, fill: colour, fillAlpha: mark.fill || 0.75, size: 2 * heights.length }];
  if (zeros > 0) {
    const x = X(0), half = mark.size / 2;
    items.push({ outline: (pen) => rectangle(pen, x - half, x + half, level(zeros)), fill: zeroColour, size: 4, top: [x, Math.max(frame.y + 8, level(zeros))] });
  }
  return items;
}
