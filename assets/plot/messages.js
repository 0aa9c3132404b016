// What comes from Python: a JSON header and one buffer of numbers, as core/wire.py packs them.

import { format } from "./dom.js";

const ARRAYS = { f4: Float32Array, f8: Float64Array, u1: Uint8Array, i1: Int8Array, u2: Uint16Array, i8: BigInt64Array };

/** Header length, header, then numbers; {"@": [type, offset, ...shape]} in the header stands for an array in the buffer. */
export function unpack(bytes) {
  const copy = bytes.slice().buffer; // a copy of its own: typed arrays need alignment that a message does not have
  const length = new DataView(copy).getUint32(0, true);
  const start = 8 * Math.ceil((4 + length) / 8);
  const revive = (_, value) => {
    if (!value || !value["@"]) return value;
    const [type, offset, ...shape] = value["@"];
    const size = shape.reduce((a, b) => a * b, 1);
    const array = new ARRAYS[type](copy, start + offset, size);
    array.shape = shape;
    return array;
  };
  return JSON.parse(new TextDecoder().decode(new Uint8Array(copy, 4, length)), revive);
}

/** FNV-1a over the message: cheap, and only ever compared with the message before it in the same place. */
export function fingerprint(bytes) {
  let hash = 2166136261;
  for (let i = 0; i < bytes.length; i++) hash = Math.imul(hash ^ bytes[i], 16777619);
  return `${bytes.length}:${hash >>> 0}`;
}

/** Plotly wants a matrix as rows. */
export const rows = (array) => Array.from({ length: array.shape[0] }, (_, i) => array.subarray(i * array.shape[1], (i + 1) * array.shape[1]));

/** Swap the light colours of the law for those that are drawn, and matrices for rows, anywhere in a figure; a scale of colours has inks of its own. */
export function dress(node, inks, scale = inks) {
  if (typeof node === "string") return inks[node] || node;
  if (ArrayBuffer.isView(node)) return node.shape.length === 2 ? rows(node) : node;
  if (Array.isArray(node)) return node.map((item) => dress(item, inks, scale));
  if (!node || typeof node !== "object") return node;
  return Object.fromEntries(Object.entries(node).map(([key, value]) => [key, dress(value, key === "colorscale" ? scale : inks, scale)]));
}

/** Flat index of the member of a column that the group points at; 0 for what has no axis. */
export function memberOf(axes, shape, at) {
  let index = 0;
  axes.forEach((axis, i) => (index = index * shape[i] + Math.min(at[axis] ?? 0, shape[i] - 1)));
  return index;
}

/** A caption with the numbers and words of a film, and the places of the group, where its braces name them: {curves.train_loss}, {epoch}, {gap:2}. */
export function spoken(text, { at, film, scrubs }) {
  return text.replace(BRACES, (whole, name, digits) => {
    const axis = scrubs[name]?.axis, value = axis ? axis.values[at[name] ?? 0] : film?.value(name, at);
    if (typeof value === "string") return value;
    return value === undefined || Number.isNaN(value) ? "–" : format(value, Number(digits) || 4);
  }).trim();
}
const BRACES = /\{([\w.]+)(?::(\d+))?\}/g;

/** The sentence or label of the member that the group points at. */
export const wordsOf = ({ text, index, axes, shape }, at) => text[index[memberOf(axes, shape, at)]];
