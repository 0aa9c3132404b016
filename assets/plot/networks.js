// A network: units in columns, its weights as lines between them.

import { inside } from "./shapes.js";

const SHOWN = 16; // units of a layer
const FULL = 127; // the code of the largest weight
const LETTER = 7.2; // pixels
const GAP = [0.44, 0.56]; // of a line that is broken in its middle: quicker than dashes

/** Where the units of each layer stand in the unit square, and how many of them do. */
export function places(layers, left = 0.1, right = 0.9) {
  return layers.map((count, l) => {
    const shown = Math.min(count, SHOWN), gap = 0.9 / Math.max(shown, 4);
    const x = layers.length > 1 ? left + ((right - left) * l) / (layers.length - 1) : 0.5;
    return Array.from({ length: shown }, (_, j) => [x, 0.5 + ((shown - 1) / 2 - j) * gap, gap]);
  });
}

/** Which units have no weight but zeros into them, or out of them: a list of booleans a layer. */
export function dead(weights, layers, starts) {
  const into = layers.map((count) => new Uint8Array(count)), out = layers.map((count) => new Uint8Array(count));
  for (let l = 0; l + 1 < layers.length; l++) {
    const [rows, columns] = [layers[l], layers[l + 1]];
    for (let i = 0; i < rows; i++) for (let j = 0; j < columns; j++) if (weights[starts[l] + i * columns + j]) into[l + 1][j] = out[l][i] = 1;
  }
  const last = layers.length - 1;
  return layers.map((count, l) => Array.from({ length: count }, (_, i) => (l > 0 && !into[l][i]) || (l < last && !out[l][i])));
}

/** One value a unit, as lists a layer. */
function split(values, layers) {
  let start = 0;
  return layers.map((count) => Array.from(values.subarray(start, (start += count)), Boolean));
}

/** Where each layer's weights begin: one block of weights and biases behind the other, unless told otherwise. */
export function starts({ layers, offsets }) {
  if (offsets?.length) return offsets;
  const out = [0];
  for (let l = 0; l + 1 < layers.length; l++) out.push(out[l] + (layers[l] + 1) * layers[l + 1]);
  return out;
}

/**
 * The items of one member's network.
 *
 * weights: (P,) codes; dropped: (H,) of the hidden units, or undefined; gone: (U,) which units are dead, or undefined where the weights tell;
 * inks: {positive, negative, unit, paper}.
 */
export function network(weights, dropped, gone, mark, inks, { X, Y, frame, box }) {
  const { layers, texts } = mark, begin = starts(mark), inputs = texts.slice(0, Math.min(layers[0], SHOWN)), outputs = texts.slice(layers[0]);
  const room = (names) => Math.min(0.3, Math.max(0.1, (LETTER * Math.max(0, ...names.map(({ length }) => length)) + 18) / frame.width));
  const spots = places(layers, room(inputs), 1 - room(outputs)), lost = gone ? split(gone, layers) : dead(weights, layers, begin), items = [];
  const at = spots.map((units) => units.map(([x, y]) => [X(x), Y(y)]));
  const radius = Math.max(2.5, Math.min(9, 0.34 * Math.min(...spots.map((units) => units[0][2])) * Math.abs(Y(1) - Y(0))));
  // The strongest lie on top. A stroke each: a processor draws many short ones sooner than few that cross themselves.
  const lines = [];
  for (let l = 0; l + 1 < layers.length; l++) {
    for (let i = 0; i < at[l].length; i++) {
      for (let j = 0; j < at[l + 1].length; j++) {
        const code = weights[begin[l] + i * layers[l + 1] + j];
        if (code) lines.push([code, at[l][i], at[l + 1][j]]);
      }
    }
  }
  lines.sort(([a], [b]) => Math.abs(a) - Math.abs(b));
  for (const [code, from, to] of lines) {
    const strength = Math.abs(code) / FULL;
    const outline = (pen) => line(pen, ...from, ...to, code < 0, box);
    items.push({ outline, stroke: code < 0 ? inks.negative : inks.positive, width: 0.5 + 3.5 * strength, alpha: 0.3 + 0.6 * strength, size: 2 });
  }
  const round = (units) => (pen) => {
    for (const [x, y] of units) {
      if (!inside(box, x, y)) continue;
      pen.moveTo(x + radius, y);
      pen.arc(x, y, radius, 0, 2 * Math.PI);
    }
  };
  const alive = at.flatMap((units, l) => units.filter((_, i) => !lost[l][i])), hollow = at.flatMap((units, l) => units.filter((_, i) => lost[l][i]));
  items.push({ outline: round(alive), fill: inks.unit, stroke: inks.paper, width: 1.2, size: 4 * alive.length });
  if (hollow.length) items.push({ outline: round(hollow), fill: inks.paper, stroke: inks.unit, width: 1.5, dash: [2, 2], size: 4 * hollow.length });
  let hidden = 0;
  const crossed = [];
  for (let l = 1; l + 1 < layers.length; hidden += layers[l], l++) at[l].forEach((place, i) => dropped?.[hidden + i] && crossed.push(place));
  if (crossed.length) items.push({ outline: (pen) => crossed.forEach(([x, y]) => cross(pen, x, y, 1.25 * radius, box)), stroke: inks.dropped, width: 2.2, size: 4 * crossed.length });
  items.push({ outline: () => {}, size: 0, labels: words(mark, at, radius, inks.unit, frame) });
  return items;
}

/** The line of a weight; that of a negative one is broken in its middle, the cue beside its colour. */
function line(pen, x0, y0, x1, y1, broken, box) {
  if (!inside(box, x0, y0) || !inside(box, x1, y1)) return;
  pen.moveTo(x0, y0);
  if (broken) {
    pen.lineTo(x0 + GAP[0] * (x1 - x0), y0 + GAP[0] * (y1 - y0));
    pen.moveTo(x0 + GAP[1] * (x1 - x0), y0 + GAP[1] * (y1 - y0));
  }
  pen.lineTo(x1, y1);
}

function cross(pen, x, y, r, box) {
  if (!inside(box, x, y)) return;
  pen.moveTo(x - r, y - r);
  pen.lineTo(x + r, y + r);
  pen.moveTo(x - r, y + r);
  pen.lineTo(x + r, y - r);
}

/** Names beside inputs and outputs, and below a column how many more units it has. */
function words({ layers, texts, more }, at, radius, colour, frame) {
  const out = [], last = layers.length - 1;
  const say = (text, x, y, align) => {
    const space = Math.floor({ left: frame.x + frame.width - x, right: x - frame.x, center: frame.width }[align] / LETTER + 0.5);
    if (text && space > 1) out.push({ text: text.length > space ? `${text.slice(0, space - 1)}…` : text, colour, align, x, y });
  };
  at[0].forEach(([x, y], i) => say(texts[i], x - radius - 5, y + 4, "right"));
  at[last].forEach(([x, y], i) => say(texts[layers[0] + i], x + radius + 5, y + 4, "left"));
  at.forEach((units, l) => {
    const [x, y] = units[units.length - 1];
    const rest = layers[l] - units.length + (more?.[l] ?? 0);
    if (rest > 0) say(`… ${rest} more`, x, Math.min(y + radius + 15, frame.y + frame.height - 3), "center");
  });
  return out;
}
