// A blended landscape as lines of equal height and as a tint. A height that is no number is a hole: no line crosses its cells, and its tint is grey.

import { element } from "./dom.js";

// What a cell's corners below a level (bits: left bottom 1, right bottom 2, right top 4, left top 8) make of a line that comes in through
// an edge (0 bottom, 1 right, 2 top, 3 left): the edge through which it leaves. A saddle's two lines cut off its right bottom and left top.
const PAIRS = [[], [[3, 0]], [[0, 1]], [[3, 1]], [[1, 2]], [[0, 1], [2, 3]], [[0, 2]], [[3, 2]], [[2, 3]], [[0, 2]], [[0, 1], [2, 3]], [[1, 2]], [[1, 3]], [[0, 1]], [[3, 0]], []];
const LEAVES = new Int8Array(64).fill(-1);
PAIRS.forEach((pairs, code) => pairs.forEach(([a, b]) => ((LEAVES[4 * code + a] = b), (LEAVES[4 * code + b] = a))));

/**
 * Marching squares, its pieces joined to long lines: a fraction of the work for the pen, and no seams.
 *
 * z: (ny * nx) heights; px, py: pixels of the grid's columns and rows; levels: ascending. Returns the vertices of each level, gaps as NaN.
 */
export function contourLines(z, px, py, levels) {
  const nx = px.length, ny = py.length, count = levels.length;
  const rank = ranks(z, levels); // z < levels[i] where rank <= i
  const hole = z.some(Number.isNaN) && ((cell) => Number.isNaN(z[cell] + z[cell + 1] + z[cell + nx] + z[cell + nx + 1]));
  const done = new Uint8Array(nx * ny);
  let buffer = new Float64Array(4096), used = 0;
  const put = (x, y) => {
    if (used + 2 > buffer.length) {
      const larger = new Float64Array(2 * buffer.length);
      larger.set(buffer);
      buffer = larger;
    }
    buffer[used++] = x;
    buffer[used++] = y;
  };
  const cross = (cell, edge, level) => {
    const i = cell % nx, j = (cell / nx) | 0;
    if (edge === 0 || edge === 2) {
      const row = edge === 0 ? j : j + 1, p = z[row * nx + i], q = z[row * nx + i + 1];
      put(px[i] + ((level - p) / (q - p)) * (px[i + 1] - px[i]), py[row]);
    } else {
      const column = edge === 3 ? i : i + 1, p = z[j * nx + column], q = z[(j + 1) * nx + column];
      put(px[column], py[j] + ((level - p) / (q - p)) * (py[j + 1] - py[j]));
    }
  };
  const codeOf = (cell, l) => hole && hole(cell) ? 0 : (rank[cell] <= l) | ((rank[cell + 1] <= l) << 1) | ((rank[cell + nx + 1] <= l) << 2) | ((rank[cell + nx] <= l) << 3);
  /** Follow a line from an edge of a cell until it ends at the border or where it has been. */
  const follow = (cell, edge, l, level) => {
    for (;;) {
      const code = codeOf(cell, l), leaves = LEAVES[4 * code + edge];
      const bit = (code === 5 || code === 10) && edge > 1 ? 2 : 1;
      if (leaves < 0 || done[cell] & bit) return;
      done[cell] |= bit;
      cross(cell, leaves, level);
      const next = step(cell, leaves, nx, ny);
      if (next < 0) return;
      cell = next;
      edge = leaves ^ 2; // out through the right is in through the left
    }
  };
  return Array.from({ length: count }, (_, l) => {
    const level = levels[l];
    used = 0;
    done.fill(0);
    for (let j = 0; j + 1 < ny; j++) {
      for (let i = 0; i + 1 < nx; i++) {
        const cell = j * nx + i, code = codeOf(cell, l);
        if (code === 0 || code === 15) continue;
        for (const [into] of PAIRS[code]) {
          const bit = (code === 5 || code === 10) && into > 1 ? 2 : 1;
          if (done[cell] & bit) continue;
          put(NaN, NaN);
          cross(cell, into, level);
          follow(cell, into, l, level);
          const before = step(cell, into, nx, ny);
          if (before < 0) continue;
          const closed = done[before] & ((codeOf(before, l) === 5 || codeOf(before, l) === 10) && (into ^ 2) > 1 ? 2 : 1);
          if (closed) continue;
          put(NaN, NaN);
          cross(cell, into, level);
          follow(before, into ^ 2, l, level);
        }
      }
    }
    return buffer.slice(0, used);
  });
}

/** The cell on the other side of an edge, or -1 beyond the grid. */
function step(cell, edge, nx, ny) {
  const i = cell % nx, j = (cell / nx) | 0;
  if (edge === 0) return j > 0 ? cell - nx : -1;
  if (edge === 1) return i + 2 < nx ? cell + 1 : -1;
  if (edge === 2) return j + 2 < ny ? cell + nx : -1;
  return i > 0 ? cell - 1 : -1;
}

/** How many levels a height has reached. */
function ranks(z, levels) {
  const out = new Uint16Array(z.length), count = levels.length;
  for (let n = 0; n < z.length; n++) {
    const value = z[n];
    let low = 0, high = count;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (levels[middle] <= value) low = middle + 1;
      else high = middle;
    }
    out[n] = low;
  }
  return out;
}

const HOLE = [128, 128, 128, 70]; // a grey that is none of the law's, on light and dark paper

/** A tint of one colour, a pixel a grid point: strongest on the floor, a step fainter with each level, gone at the highest. */
export function tint(z, nx, ny, floor, levels, colour, strength) {
  const canvas = element("canvas", { width: nx, height: ny });
  const pen = canvas.getContext("2d", { willReadFrequently: true });
  const picture = pen.createImageData(nx, ny), [r, g, b] = [1, 3, 5].map((i) => parseInt(colour.slice(i, i + 2), 16));
  const rank = ranks(z, Float64Array.from(levels, (step) => floor + step)), count = levels.length;
  for (let j = 0; j < ny; j++) {
    for (let i = 0; i < nx; i++) {
      const n = j * nx + i, l = rank[n], at = 4 * ((ny - 1 - j) * nx + i); // rows of pictures run down
      if (Number.isNaN(z[n])) {
        picture.data.set(HOLE, at);
        continue;
      }
      const low = l ? levels[l - 1] : 0;
      const part = l < count ? Math.min(1, Math.max(0, (z[n] - floor - low) / (levels[l] - low))) : 0;
      const rest = 1 - Math.min(1, (l + part) / count);
      picture.data[at] = r;
      picture.data[at + 1] = g;
      picture.data[at + 2] = b;
      picture.data[at + 3] = 255 * strength * rest * rest;
    }
  }
  pen.putImageData(picture, 0, 0);
  return canvas;
}
