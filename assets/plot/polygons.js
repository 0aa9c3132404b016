// Polygons as lists of [x, y], for the support map while a hand turns the ellipse (core/_polygons.py and core/support_map.py).

/** The part of a polygon with normal . c <= offset (Sutherland and Hodgman 1974). */
export function clip(polygon, [nx, ny], offset) {
  const out = [], side = polygon.map(([x, y]) => nx * x + ny * y - offset);
  polygon.forEach((point, i) => {
    const j = (i + 1) % polygon.length;
    if (side[i] <= 0) out.push(point);
    if (side[i] <= 0 !== side[j] <= 0) {
      const share = side[i] / (side[i] - side[j]);
      out.push([point[0] + share * (polygon[j][0] - point[0]), point[1] + share * (polygon[j][1] - point[1])]);
    }
  });
  return out;
}
export const square = (half) => [[-half, -half], [half, -half], [half, half], [-half, half]];

export function area(polygon) {
  let doubled = 0;
  polygon.forEach(([x, y], i) => {
    const [u, v] = polygon[(i + 1) % polygon.length];
    doubled += x * v - u * y;
  });
  return 0.5 * Math.abs(doubled);
}

/** The part in the window of the line through a point, or of the ray from it; none as two equal points. */
export function through([x, y], [u, v], half, both) {
  const far = 4 * (half + Math.max(Math.abs(x), Math.abs(y))), length = Math.hypot(u, v) || 1, [dx, dy] = [(far * u) / length, (far * v) / length];
  return cut(both ? [x - dx, y - dy] : [x, y], [x + dx, y + dy], half);
}
/** The part of a segment in the window (Liang and Barsky 1984). */
export function cut([x0, y0], [x1, y1], half) {
  let from = 0, to = 1;
  for (const [at, step] of [[x0, x1 - x0], [y0, y1 - y0]]) {
    if (step === 0) {
      if (Math.abs(at) > half) return [[x0, y0], [x0, y0]];
      continue;
    }
    const ends = [(-half - at) / step, (half - at) / step];
    from = Math.max(from, Math.min(...ends));
    to = Math.min(to, Math.max(...ends));
  }
  if (!(from < to)) return [[x0, y0], [x0, y0]];
  const along = (part) => [x0 + part * (x1 - x0), y0 + part * (y1 - y0)];
  return [along(from), along(to)];
}

/**
 * The plane of minima, parted by the support of the solution, of a definite H: [{zeros, inactive, polygon}] in core's order, and L2's lines.
 *
 * given: {lam} of the penalised form, or {budget} of the constrained one.
 */
export function supports({ a, b, d, values }, { l1, l2 }, half, { lam, budget }, boundary) {
  const rows = [[a, b], [b, d]], whole = square(half), regions = [{ zeros: [], polygon: whole }], lines = [];
  const bare = l1 === 0 && rows.every((row) => row.some(Boolean));
  if (lam !== undefined) {
    const determinant = values[0] * values[1], cutoff = lam * l1, shift = 2 * lam * l2;
    for (const [zero, alone] of [[0, 1], [1, 0]]) {
      const held = [0, 1].map((i) => (i === zero ? determinant : 0) + shift * rows[zero][i]);
      for (const sign of [1, -1]) {
        let polygon = clip(whole, rows[alone].map((each) => -sign * each), -cutoff);
        for (const side of [1, -1]) {
          const room = rows[alone][alone] - side * sign * rows[zero][alone];
          polygon = clip(polygon, held.map((each) => side * each), cutoff * ((Math.abs(room) <= 1e-13 * values[1] ? 0 : room) + shift));
        }
        if (!bare) regions.push({ zeros: [zero], polygon });
      }
    }
    let polygon = whole;
    for (const row of rows) polygon = clip(clip(polygon, row, cutoff), row.map((each) => -each), cutoff);
    regions.push({ zeros: [0, 1], polygon });
    if (l1 === 0) {
      for (const i of [0, 1]) {
        const normal = [0, 1].map((j) => (i === j ? determinant : 0) + shift * rows[i][j]);
        lines.push(through([0, 0], [-normal[1], normal[0]], half, true));
      }
    }
    return { regions, lines };
  }
  const root = l1 + Math.sqrt(l1 * l1 + 4 * l2 * budget), corner = root > 0 ? (2 * budget) / root : 0, steep = l1 + 2 * l2 * corner, rays = [[], []];
  for (const [zero, alone] of [[0, 1], [1, 0]]) {
    for (const sign of [1, -1]) {
      const at = [0, 0];
      at[alone] = sign * corner;
      let polygon = clip(whole, rows[alone].map((each) => -sign * each), -sign * (at[0] * rows[alone][0] + at[1] * rows[alone][1]));
      for (const side of [1, -1]) {
        const size = steep * Math.max(...rows[zero].map(Math.abs)) + l1 * Math.max(...rows[alone].map(Math.abs));
        const raw = [0, 1].map((i) => side * steep * rows[zero][i] - sign * l1 * rows[alone][i]), tiny = Math.max(...raw.map(Math.abs)) <= 1e-13 * size;
        const normal = tiny ? [0, 0] : raw;
        polygon = clip(polygon, normal, normal[0] * at[0] + normal[1] * at[1]);
      }
      if (!bare) regions.push({ zeros: [zero], polygon: budget === 0 ? [] : polygon });
      const ahead = [-sign * rows[zero][1], sign * rows[zero][0]], turn = (ahead[0] * rows[alone][0] + ahead[1] * rows[alone][1]) * sign >= 0 ? 1 : -1;
      rays[zero].push(through(at, ahead.map((each) => turn * each), half, false));
    }
  }
  regions.push({ zeros: [0, 1], polygon: budget === 0 ? whole : [] });
  let inactive = boundary;
  for (const normal of [[1, 0], [-1, 0], [0, 1], [0, -1]]) inactive = clip(inactive, normal, half);
  regions.push({ zeros: [], inactive: true, polygon: budget === 0 ? [] : inactive });
  if (l1 === 0) {
    for (const [zero, alone] of [[0, 1], [1, 0]]) {
      const end = [0, 0];
      end[alone] = corner;
      rays[zero].push(cut(end.map((each) => -each), end, half));
    }
    for (let i = 0; i < 3; i++) lines.push(rays[0][i], rays[1][i]);
  }
  return { regions, lines };
}
