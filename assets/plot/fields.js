// A field: a picture of codes, one a grid point, coloured by a palette, and the lines where a decision changes.

import { contourLines } from "./contours.js";
import { element } from "./dom.js";
import { polyline } from "./shapes.js";

/**
 * The items of a field.
 *
 * codes: (ny * nx) of one member, first row lowest, whole numbers or between them, where lines are smoother than the tint; window: x of the first and last column, y of the first and last row; palette: 256 RGBA.
 */
export function field(codes, nx, ny, [x0, x1, y0, y1], palette, mark, colour, { X, Y, box }) {
  const left = X(x0), right = X(x1), top = Y(y1), bottom = Y(y0);
  const across = (right - left) / (nx - 1), down = (bottom - top) / (ny - 1);
  // The middles of the picture's pixels lie on the grid's points.
  const place = { left: left - across / 2, top: top - down / 2, across: across * nx, down: down * ny };
  const items = [{ image: picture(codes, nx, ny, palette), place, size: 2000 }];
  const px = Float64Array.from({ length: nx }, (_, i) => left + i * across), py = Float64Array.from({ length: ny }, (_, j) => bottom - j * down);
  const lines = mark.edges?.length ? contourLines(codes, px, py, mark.edges) : [];
  // Each border between classes lies around one of the first `bands - 1`.
  for (let c = 0; c + 1 < mark.bands; c++) lines.push(...contourLines(ahead(codes, c, mark.bands), px, py, [0]));
  for (const line of lines) if (line.length) items.push({ outline: (pen) => polyline(pen, line, box), stroke: colour, width: mark.width, cap: "round", size: line.length / 2 });
  return items;
}

function picture(codes, nx, ny, palette) {
  const canvas = element("canvas", { width: nx, height: ny });
  const pen = canvas.getContext("2d", { willReadFrequently: true }), image = pen.createImageData(nx, ny);
  const colours = new Uint32Array(palette.slice().buffer), pixels = new Uint32Array(image.data.buffer);
  for (let j = 0; j < ny; j++) for (let i = 0; i < nx; i++) pixels[(ny - 1 - j) * nx + i] = colours[codes[j * nx + i] | 0]; // rows of pictures run down
  pen.putImageData(image, 0, 0);
  return canvas;
}

/** How far one class is ahead of the best other one, or behind it: a border lies where that is 0. */
function ahead(codes, wanted, bands) {
  const width = Math.floor(256 / bands), out = new Float32Array(codes.length);
  for (let n = 0; n < codes.length; n++) {
    const found = Math.min(bands - 1, Math.floor(codes[n] / width)), lead = codes[n] - found * width + 0.5;
    out[n] = found === wanted ? lead : -lead;
  }
  return out;
}
