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

/**
 * The items of a network while a batch with dropout runs through it.
 *
 * gradient: (P,) codes, laid out as weights; alive: (H,) the share of the batch's rows in which a hidden unit lives, of 255; values, errors: (U,) the
 * numbers in and below the units; stage: how far the batch has come, to the outputs in as many as there are layers of connections, and back in as many;
 * inks: {positive, negative, unit, dropped, error, paper}.
 */
export function thinned(gradient, alive, values, errors, stage, mark, inks, { X, Y, frame, box }) {
  const { layers, texts, focus } = mark, begin = starts(mark), depth = layers.length - 1;
  const room = (names, most) => Math.min(frame.width < 420 ? most : 0.26, Math.max(0.06, (LETTER * Math.max(0, ...names.map(({ length }) => length)) + 30) / frame.width));
  const at = places(layers, room(texts.slice(0, layers[0]), 0.25), 1 - room(texts.slice(layers[0]), 0.19)).map((units) => units.map(([x, y]) => [X(x), Y(y)]));
  const apart = Math.min(...at.map((units) => (units.length > 1 ? units[1][1] - units[0][1] : Infinity)));
  const radius = Math.max(5, Math.min(22, 0.36 * apart)), items = [];
  const lives = (l, i) => (l === 0 || l === depth ? 255 : alive[hiddenBefore(layers, l) + i]);
  // Connections: those of a dropped unit first, then those that carry nothing, and on top the strongest gradient.
  const lines = [];
  for (let l = 0; l < depth; l++) {
    const back = stage >= 2 * depth - l, forward = stage > l;
    at[l].forEach((from, i) => at[l + 1].forEach((to, j) => {
      const code = gradient[begin[l] + i * layers[l + 1] + j], both = lives(l, i) && lives(l + 1, j);
      lines.push({ from, to, code: back ? code : 0, both, forward });
    }));
  }
  const rank = ({ code, both }) => (both ? 1 + Math.abs(code) : 0);
  lines.sort((a, b) => rank(a) - rank(b));
  for (const { from, to, code, both, forward } of lines) {
    const strength = Math.abs(code) / FULL, outline = (pen) => line(pen, ...from, ...to, code < 0, box);
    if (code) items.push({ outline, stroke: code < 0 ? inks.negative : inks.positive, width: 0.9 + 5.5 * strength, alpha: 0.4 + 0.55 * strength, size: 2 });
    else if (both) items.push({ outline, stroke: inks.unit, width: 1, alpha: forward ? 0.55 : 0.2, size: 2 });
    else items.push({ outline, stroke: inks.unit, width: 0.8, dash: [2, 5], alpha: 0.35, size: 2 });
  }
  const labels = [], small = radius < 15;
  const say = (text, x, y, colour) => labels.push({ text, colour, align: "center", x, y });
  at.forEach((units, l) => units.forEach(([x, y], i) => {
    if (!inside(box, x, y)) return;
    const share = lives(l, i) / 255, unit = unitsBefore(layers, l) + i, shown = share > 0 && stage >= l;
    const round = (r) => (pen) => (pen.moveTo(x + r, y), pen.arc(x, y, r, 0, 2 * Math.PI));
    if (l > 0 && l < depth && focus === hiddenBefore(layers, l) + i) items.push({ outline: round(radius + 5), stroke: inks.unit, width: 1.4, dash: [3, 3], size: 4 });
    if (!share) {
      items.push({ outline: round(radius), fill: inks.paper, stroke: inks.unit, width: 1.2, alpha: 0.6, dash: [2, 3], size: 4 });
      items.push({ outline: (pen) => cross(pen, x, y, 0.62 * radius, box), stroke: inks.dropped, width: 2.2, alpha: 0.85, size: 4 });
      return;
    }
    items.push({ outline: round(radius), fill: inks.paper, size: 4 });
    const value = values[unit], tint = shown ? 0.1 + 0.3 * Math.min(1, Math.abs(value)) : 0;
    if (share < 1) {
      const rim = Array.from({ length: 25 }, (_, n) => 2 * Math.PI * share * (n / 24)).map((turn) => [x + radius * Math.sin(turn), y - radius * Math.cos(turn)]);
      const slice = (pen) => (pen.moveTo(x, y), rim.forEach(([a, b]) => pen.lineTo(a, b)), pen.closePath());
      items.push({ outline: slice, fill: inks.dropped, fillAlpha: 0.28, size: 4 });
    } else if (tint) items.push({ outline: round(radius), fill: value < 0 ? inks.negative : inks.positive, fillAlpha: tint, size: 4 });
    items.push({ outline: round(radius), stroke: inks.unit, width: 1.8, size: 4 });
    if (shown && radius >= 11) say(decimal(value, small), x, y + 4.5, inks.unit);
    if (l > 0 && stage > 2 * depth - l && radius >= 18) say(decimal(errors[unit], false), x, y + radius + 14, inks.error);
  }));
  items.push({ outline: () => {}, size: 0, labels: [...labels, ...words(mark, at, radius, inks.unit, frame)] });
  return items;
}

const unitsBefore = (layers, l) => layers.slice(0, l).reduce((sum, count) => sum + count, 0);
const hiddenBefore = (layers, l) => unitsBefore(layers, l) - layers[0];

/** Two decimals with a true minus; short ones without the zero before the point. */
function decimal(value, short) {
  const text = Math.abs(value) >= 9.95 ? value.toFixed(0) : Math.abs(value) >= 0.005 || !value ? value.toFixed(2) : value < 0 ? "−0" : "+0";
  return (short ? text.replace(/^(-?)0\./, "$1.") : text).replace("-", "−");
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
