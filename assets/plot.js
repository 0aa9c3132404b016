// The lab's one chart component. Plotly draws what stands still (axes, static traces, hover); a thin canvas over Plotly's own
// axes draws what moves, in data coordinates, straight from the columns of a family. Every view of a group follows one scrub:
// nothing is sent while it is dragged, and one commit goes to Python when it is let go.
//
// In: the bytes that ui/plot.py packs (a JSON header and one buffer of numbers). Out: the trigger "commit" {axis, index}.

const groups = new Map(); // group name -> Group
const views = new WeakMap(); // parentElement -> Chart | Scrub | Readouts
const SVG = "http://www.w3.org/2000/svg";

/** Entry point: runs again at each change of data or theme, so everything below is idempotent. */
export function mount(component, plotlyUrl) {
  const { data, parentElement } = component;
  let view = views.get(parentElement);
  if (!view) {
    const kind = { chart: Chart, scrub: Scrub, readouts: Readouts }[unpack(data).kind];
    view = new kind(parentElement, plotlyUrl);
    views.set(parentElement, view);
  }
  view.component = component;
  const theme = getComputedStyle(parentElement).getPropertyValue("--st-background-color");
  const stamp = `${fingerprint(data)} ${theme}`;
  if (stamp !== view.stamp) {
    view.stamp = stamp;
    const message = unpack(data);
    view.join(message.group);
    view.update(message, isDark(theme));
  }
  return () => {
    views.delete(parentElement);
    view.dispose();
  };
}

// "Back" is the page before. Streamlit replaces the address when a hand moves a widget, but adds an entry to the history for every
// setting that Python changes (a commit, a preset): those become replacements too. Entries for other pages stay as they are.
const push = history.pushState;
history.pushState = function (state, title, url) {
  const samePage = url != null && new URL(url, location.href).pathname === location.pathname;
  return (samePage ? history.replaceState : push).call(this, state, title, url);
};

// ---------------------------------------------------------------------------------------------------------------- messages

/** Header length, header, then numbers; {"@": [type, offset, ...shape]} in the header stands for an array in the buffer. */
function unpack(bytes) {
  const copy = bytes.slice().buffer; // a copy of its own: typed arrays need alignment that a message does not have
  const length = new DataView(copy).getUint32(0, true);
  const start = 8 * Math.ceil((4 + length) / 8);
  const revive = (_, value) => {
    if (!value || !value["@"]) return value;
    const [type, offset, ...shape] = value["@"];
    const size = shape.reduce((a, b) => a * b, 1);
    const array = new { f4: Float32Array, f8: Float64Array }[type](copy, start + offset, size);
    array.shape = shape;
    return array;
  };
  return JSON.parse(new TextDecoder().decode(new Uint8Array(copy, 4, length)), revive);
}

/** FNV-1a over the message: cheap, and only ever compared with the message before it in the same place. */
function fingerprint(bytes) {
  let hash = 2166136261;
  for (let i = 0; i < bytes.length; i++) hash = Math.imul(hash ^ bytes[i], 16777619);
  return `${bytes.length}:${hash >>> 0}`;
}

/** Plotly wants a matrix as rows. */
const rows = (array) => Array.from({ length: array.shape[0] }, (_, i) => array.subarray(i * array.shape[1], (i + 1) * array.shape[1]));

function isDark(css) {
  const probe = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  probe.fillStyle = css.trim() || "#fff";
  const [r, g, b] = [1, 3, 5].map((i) => parseInt(probe.fillStyle.slice(i, i + 2), 16));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b < 128;
}

/** Swap the light colours of the law for the dark ones, and matrices for rows, anywhere in a figure. */
function dress(node, inks) {
  if (typeof node === "string") return inks[node] || node;
  if (ArrayBuffer.isView(node)) return node.shape.length === 2 ? rows(node) : node;
  if (Array.isArray(node)) return node.map((item) => dress(item, inks));
  if (!node || typeof node !== "object") return node;
  return Object.fromEntries(Object.entries(node).map(([key, value]) => [key, dress(value, inks)]));
}

const element = (name, attributes = {}, ...children) => {
  const node = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) key in node && key !== "list" ? (node[key] = value) : node.setAttribute(key, value);
  node.append(...children);
  return node;
};
const drawn = (name, attributes = {}) => {
  const node = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  return node;
};

/** A number for people: significant digits, no trailing zeros, the sign of infinity instead of a word. */
export function format(value, digits = 4) {
  if (value === Infinity) return "∞";
  if (value === 0) return "0";
  const size = Math.abs(value);
  if (size < 1e-4 || size >= 1e6) return value.toExponential(1).replace("e-", " × 10^−").replace("e+", " × 10^").replace(/\^(−?)(\d+)/, (_, s, d) => superscript(s + d));
  return String(Number(value.toPrecision(digits))).replace("-", "−");
}
const superscript = (text) => text.replace("−", "⁻").replace(/\d/g, (d) => "⁰¹²³⁴⁵⁶⁷⁸⁹"[d]);

// ------------------------------------------------------------------------------------------------------------------ groups

/** The views that one scrub moves: an index for each family axis, and one animation frame for all of them. */
class Group {
  constructor() {
    this.at = {};
    this.members = new Set();
    this.scrubs = {};
    this.frame = 0;
  }
  set(axis, index) {
    if (this.at[axis] === index) return;
    this.at[axis] = index;
    this.frame ||= requestAnimationFrame(() => {
      this.frame = 0;
      for (const member of this.members) member.draw(this.at);
    });
  }
}

/** What all views share: a place in a group. */
class View {
  constructor(parent, plotlyUrl) {
    this.parent = parent;
    this.plotlyUrl = plotlyUrl;
  }
  join(name) {
    if (this.group && this.groupName === name) return;
    this.leave();
    this.groupName = name;
    if (!groups.has(name)) groups.set(name, new Group());
    this.group = groups.get(name);
    this.group.members.add(this);
  }
  leave() {
    this.group?.members.delete(this);
    if (this.group && !this.group.members.size) groups.delete(this.groupName);
  }
  dispose() {
    this.leave();
    this.root?.remove();
  }
}

/** Flat index of the member of a column that the group points at; 0 for what has no axis. */
function memberOf(axes, shape, at) {
  let index = 0;
  axes.forEach((axis, i) => (index = index * shape[i] + Math.min(at[axis] ?? 0, shape[i] - 1)));
  return index;
}

// ------------------------------------------------------------------------------------------------------------------ charts

let plotly; // one promise for the one bundle
function loadPlotly(url) {
  plotly ||= new Promise((resolve, reject) => {
    if (window.Plotly) return resolve(window.Plotly);
    const script = element("script", { src: url, async: true });
    script.onload = () => resolve(window.Plotly);
    script.onerror = () => ((plotly = undefined), reject(new Error(`Plotly did not load from ${url}`)));
    document.head.append(script);
  });
  return plotly;
}

const queues = { flat: Promise.resolve(), heavy: Promise.resolve() };
/** Charts draw one a frame, in the order of the page, so that the first is on screen while the next is drawn; 3-D views, which take ten frames, come last. */
function place(heavy) {
  const frame = () => new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
  if (heavy) return (queues.heavy = queues.heavy.then(() => new Promise((done) => setTimeout(done, 60))).then(() => queues.flat).then(frame));
  const mine = queues.flat;
  queues.flat = mine.then(frame);
  return mine;
}

class Chart extends View {
  constructor(parent, plotlyUrl) {
    super(parent, plotlyUrl);
    this.host = element("div", { className: "lab-plotly" });
    this.layer = element("canvas", { className: "lab-moving", ariaHidden: "true" });
    this.canvas = element("div", { className: "lab-canvas", tabIndex: 0 }, this.host, this.layer);
    this.canvas.setAttribute("role", "img");
    this.caption = element("figcaption", { className: "lab-caption" });
    const tool = (label, title, action) => element("button", { type: "button", textContent: label, title, onclick: action });
    this.tools = element("div", { className: "lab-tools" },
      tool("Reset view", "Back to the first zoom and camera", () => this.resetView()),
      tool("PNG", "Download as PNG", () => this.download("png")),
      tool("SVG", "Download as SVG", () => this.download("svg")),
      tool("CSV", "Download the numbers as CSV", () => this.downloadTable()));
    this.root = element("figure", { className: "lab-chart" }, this.canvas, this.caption, this.tools);
    parent.append(this.root);
    this.canvas.addEventListener("keydown", (event) => Object.values(this.group.scrubs)[0]?.key(event));
    this.sizes = new ResizeObserver(() => this.ready && this.resize());
    this.sizes.observe(this.root);
    this.sight = new IntersectionObserver(([entry]) => ((this.seen = entry.isIntersecting), this.seen && this.pump()));
    this.sight.observe(this.root);
    this.due = 0;
  }

  async update(message, dark) {
    this.message = message;
    this.inks = dark ? message.inks : {};
    this.canvas.setAttribute("aria-label", message.alt);
    this.tools.lastChild.hidden = !Object.keys(message.table).length;
    this.caption.hidden = !message.captions.text.length;
    const turn = (this.turn = (this.turn || 0) + 1);
    const Plotly = await loadPlotly(this.plotlyUrl);
    const surface = message.blends.find((blend) => blend.kind === "surface");
    await place(Boolean(surface));
    if (turn !== this.turn) return;
    const figure = dress(message.figure, this.inks);
    // A finger scrolls the page, it does not zoom the chart.
    const touch = matchMedia("(pointer: coarse)").matches;
    const font = { ...figure.layout.font, family: getComputedStyle(this.parent).fontFamily };
    const layout = { ...figure.layout, ...this.size(), font, dragmode: touch ? false : figure.layout.dragmode ?? "pan" };
    const still = figure.data.length ? undefined : JSON.stringify([figure.layout, dark]);
    if (this.ready && still && still === this.still) return this.show(turn); // nothing of Plotly's changed, so Plotly is not asked: 25 ms saved
    this.still = still;
    if (surface) this.surface(surface).forEach((change, i) => Object.assign(figure.data[surface.trace + i], change));
    await Plotly.react(this.host, figure.data, layout, { displayModeBar: false, responsive: false, scrollZoom: false, doubleClick: "reset", showTips: false });
    if (!this.ready) {
      this.ready = true;
      for (const event of ["plotly_afterplot", "plotly_relayouting"]) this.host.on(event, () => this.draw(this.group.at));
    }
    this.show(turn);
    if (Math.abs(this.size().width - layout.width) > 1) this.resize();
  }

  show(turn) {
    this.build();
    this.draw(this.group.at);
    this.root.dataset.drawn = turn;
  }

  size() {
    const width = Math.max(240, this.canvas.clientWidth);
    const height = Math.round(Math.min(width * this.message.aspect, Math.max(320, 0.82 * innerHeight)));
    this.canvas.style.height = `${height}px`;
    return { width, height };
  }
  resize() {
    const size = this.size();
    const { width, height } = this.host._fullLayout;
    if (Math.abs(size.width - width) > 1 || Math.abs(size.height - height) > 1) window.Plotly.relayout(this.host, size);
  }
  resetView() {
    const { layout } = this.message.figure;
    const flat = layout.xaxis && { "xaxis.range": [...layout.xaxis.range], "yaxis.range": [...layout.yaxis.range] };
    window.Plotly.relayout(this.host, flat || { "scene.camera": layout.scene.camera });
  }

  // ------------------------------------------------------------------------------------------------ the moving layer

  /** What each mark looks like, worked out once; drawing only moves it. */
  build() {
    const ink = (colour) => this.inks[colour] || colour;
    this.paper = ink(this.message.paper);
    this.contours = this.message.blends.filter((blend) => blend.kind === "contours").map((blend) => ({ blend, style: { stroke: ink(blend.colour), width: 1, alpha: 0.5 } }));
    this.marks = this.message.marks.map((mark) => {
      const colour = ink(mark.colour), point = mark.kind === "point", ring = mark.symbol === "ring";
      const style = { stroke: colour, width: mark.width, dash: DASHES[mark.dash] || [] };
      if (mark.kind === "region") Object.assign(style, mark.pattern ? { pattern: mark.pattern, fill: colour } : { fill: colour, fillAlpha: mark.fill });
      if (mark.kind === "arrow") style.fill = colour;
      if (point) Object.assign(style, { fill: ring ? this.paper : colour, stroke: ring ? colour : this.paper, width: ring ? 2.4 : 1.2 });
      if (point && mark.symbol === "cross") Object.assign(style, { fill: undefined, stroke: colour, width: 3 });
      return { mark, style, colour };
    });
  }

  /** Write the member that the group points at into a display list, and paint it. */
  draw(at) {
    if (!this.marks || !this.ready) return;
    this.say(at);
    this.pump();
    const { xaxis, yaxis } = this.host._fullLayout;
    if (!xaxis || !this.message.figure.layout.xaxis) return;
    const frame = { x: xaxis._offset, y: yaxis._offset, width: xaxis._length, height: yaxis._length };
    const X = pixels(xaxis), Y = pixels(yaxis, true);
    this.list = this.contours.map(({ blend, style }) => {
      const k = memberOf(blend.axes, blend.factor.shape, at);
      const seen = [blend.factor[k], blend.floor[k], ...Object.values(frame), ...xaxis.range, ...yaxis.range].join();
      if (blend.seen !== seen) Object.assign(blend, { seen, path: contourPath(this.blended(blend, at), blend, blend.floor[k], X, Y) });
      return { path: blend.path, ...style };
    });
    for (const { mark, style, colour } of this.marks) {
      const k = memberOf(mark.axes, (mark.scale || mark.xy).shape, at);
      const points = mark.kind === "cursor" ? [X(mark.xy[k]), frame.y, X(mark.xy[k]), frame.y + frame.height] : vertices(mark, k, X, Y);
      const path = SHAPES[mark.kind](points, mark);
      const { text, index } = mark.text;
      this.list.push({ path, ...style, name: mark.name, label: text.length && label(text[index[index.length > 1 ? k : 0]], points, mark, frame, colour) });
    }
    this.paint(frame);
  }

  paint(frame) {
    const { width, height } = this.host._fullLayout, ratio = Math.min(2, devicePixelRatio || 1);
    const [w, h] = [Math.round(width * ratio), Math.round(height * ratio)];
    if (this.layer.width !== w || this.layer.height !== h) Object.assign(this.layer, { width: w, height: h });
    // Drawn by the processor, and shown without waiting for the page's compositor: of all ways measured, the one that holds the frame rate without a GPU.
    const pen = (this.pen ||= this.layer.getContext("2d", { willReadFrequently: true, desynchronized: true }));
    pen.setTransform(ratio, 0, 0, ratio, 0, 0);
    pen.clearRect(0, 0, width, height);
    pen.save();
    pen.beginPath();
    pen.rect(frame.x, frame.y, frame.width, frame.height);
    pen.clip();
    pen.lineJoin = "round";
    for (const item of this.list) {
      if (!item.path) continue;
      const path = new Path2D(item.path);
      if (item.fill) {
        pen.globalAlpha = item.fillAlpha ?? 1;
        pen.fillStyle = item.pattern ? tile(pen, item.pattern, item.fill) : item.fill;
        pen.fill(path);
      }
      pen.globalAlpha = item.alpha ?? 1;
      pen.strokeStyle = item.stroke;
      pen.lineWidth = item.width;
      pen.setLineDash(item.dash || []);
      pen.stroke(path);
    }
    pen.restore();
    pen.font = this.font ||= `600 13px ${getComputedStyle(this.parent).fontFamily}`;
    pen.lineJoin = "round";
    for (const { label: words } of this.list) {
      if (!words) continue;
      pen.textAlign = words.align;
      pen.lineWidth = 3.5;
      pen.strokeStyle = this.paper;
      pen.strokeText(words.text, words.x, words.y);
      pen.fillStyle = words.colour;
      pen.fillText(words.text, words.x, words.y);
    }
  }

  say(at) {
    const { text, index, axes } = this.message.captions;
    if (!text.length) return;
    const now = text[index[memberOf(axes, [index.length], at)]];
    if (this.caption.textContent !== now) this.caption.textContent = now;
  }

  blended(blend, at) {
    const weight = blend.factor[memberOf(blend.axes, blend.factor.shape, at)];
    const out = (blend.out ||= Object.assign(new Float32Array(blend.base.length), { shape: blend.base.shape }));
    for (let i = 0; i < out.length; i++) out[i] = blend.base[i] + weight * blend.by[i];
    return out;
  }

  // --------------------------------------------------------------------------------------- surfaces, at their own pace

  /** The latest value wins, and at most a fifth of the time goes into surfaces: they never hold the rest up. */
  pump() {
    const blend = this.ready && this.seen !== false && this.message.blends.find((each) => each.kind === "surface");
    if (!blend || this.busy) return;
    const k = memberOf(blend.axes, blend.factor.shape, this.group.at);
    if (k === this.surfaceAt) return;
    this.busy = true;
    setTimeout(async () => {
      const start = performance.now();
      try {
        const [land, point] = this.surface(blend);
        await window.Plotly.restyle(this.host, { x: [blend.x, point.x], y: [blend.y, point.y], z: [land.z, point.z] }, [blend.trace, blend.trace + 1]);
        await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
      } finally {
        this.due = performance.now() + Math.max(60, 4 * (performance.now() - start));
        this.busy = false;
      }
      this.pump();
    }, Math.max(0, this.due - performance.now()));
  }

  /** A blended surface and its point where the group stands, as two traces' changes. */
  surface(blend) {
    const k = (this.surfaceAt = memberOf(blend.axes, blend.factor.shape, this.group.at));
    this.root.dataset.surface = k;
    const [x, y, z] = [0, 1, 2].map((i) => [blend.point[3 * k + i]]);
    return [{ z: rows(this.blended(blend, this.group.at)).map((row) => row.slice()) }, { x, y, z }];
  }

  // -------------------------------------------------------------------------------------------------------- downloads

  /** Plotly's own picture with the moving layer on top, as one SVG. */
  async picture() {
    const { width, height, xaxis, yaxis } = this.host._fullLayout;
    const uri = await window.Plotly.toImage(this.host, { format: "svg", width, height });
    const svg = new DOMParser().parseFromString(decodeURIComponent(uri.slice(uri.indexOf(",") + 1)), "image/svg+xml").documentElement;
    svg.prepend(drawn("rect", { width, height, fill: getComputedStyle(this.parent).getPropertyValue("--st-background-color") }));
    if (this.list) svg.append(...asSvg(this.list, { x: xaxis._offset, y: yaxis._offset, width: xaxis._length, height: yaxis._length }, this.paper));
    return { text: new XMLSerializer().serializeToString(svg), width, height };
  }
  async download(kind) {
    const { text, width, height } = await this.picture();
    const svg = new Blob([text], { type: "image/svg+xml" });
    if (kind === "svg") return save(svg, `${this.message.name}.svg`);
    const image = new Image();
    image.src = URL.createObjectURL(svg);
    await image.decode();
    const canvas = element("canvas", { width: 2 * width, height: 2 * height });
    canvas.getContext("2d").drawImage(image, 0, 0, 2 * width, 2 * height);
    URL.revokeObjectURL(image.src);
    canvas.toBlob((blob) => save(blob, `${this.message.name}.png`));
  }
  downloadTable() {
    const columns = Object.entries(this.message.table);
    const lines = [columns.map(([name]) => name).join(",")];
    for (let k = 0; k < columns[0][1].length; k++) lines.push(columns.map(([, column]) => column[k]).join(","));
    save(new Blob([lines.join("\n") + "\n"], { type: "text/csv" }), `${this.message.name}.csv`);
  }

  dispose() {
    this.sizes.disconnect();
    this.sight.disconnect();
    if (this.ready) window.Plotly.purge(this.host);
    super.dispose();
  }
}

const DASHES = { dash: [7, 4], dot: [2, 4], dashdot: [8, 3, 2, 3] };

function save(blob, name) {
  const link = element("a", { href: URL.createObjectURL(blob), download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10000);
}

/** Where a mark's label goes: beside its last point, inside the frame; nothing where the point is out of sight. */
function label(text, points, mark, frame, colour) {
  const [x, y] = mark.kind === "cursor" ? [points[0], frame.y + 12] : mark.kind === "arrow" || mark.kind === "path" ? points.slice(-2) : points;
  const outside = !(x >= frame.x - 1 && x <= frame.x + frame.width + 1 && y >= frame.y - 1 && y <= frame.y + frame.height + 1);
  if (!text || outside) return null;
  // A label that would leave the plot on the right goes to the left of its point instead.
  const side = mark.side === "right" && x + 7.2 * text.length + 12 > frame.x + frame.width ? "left" : mark.side;
  const [dx, dy, align] = { right: [10, 4, "left"], left: [-10, 4, "right"], above: [0, -10, "center"], below: [0, 19, "center"], middle: [0, 4, "center"] }[side];
  return { text, colour, align, x: x + dx, y: Math.max(frame.y + 12, Math.min(y + dy, frame.y + frame.height - 4)) };
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

/** The display list as SVG nodes, for the download. */
function asSvg(list, frame, paper) {
  const clip = drawn("clipPath", { id: "lab-frame" });
  clip.append(drawn("rect", frame));
  const stage = drawn("g", { "clip-path": "url(#lab-frame)", "stroke-linejoin": "round" }), labels = drawn("g", { style: "font:600 13px sans-serif" });
  for (const item of list) {
    const alpha = item.pattern ? 0.25 : item.fillAlpha ?? 1;
    if (item.path) stage.append(drawn("path", { d: item.path, fill: item.fill || "none", "fill-opacity": alpha, stroke: item.stroke, "stroke-width": item.width, "stroke-opacity": item.alpha ?? 1, "stroke-dasharray": (item.dash || []).join(" ") }));
    if (!item.label) continue;
    const { text, colour, align, x, y } = item.label;
    const words = drawn("text", { x, y, fill: colour, stroke: paper, "stroke-width": 3.5, "paint-order": "stroke", "text-anchor": { left: "start", right: "end", center: "middle" }[align] });
    words.textContent = text;
    labels.append(words);
  }
  return [clip, stage, labels];
}

/** Data to pixels of one of Plotly's axes, from its range alone, so that zooming and panning are followed. */
function pixels(axis, upright = false) {
  const log = axis.type === "log";
  const [low, high] = axis.range;
  const scale = axis._length / (high - low);
  return (value) => {
    const part = ((log ? Math.log10(value) : value) - low) * scale;
    return axis._offset + (upright ? axis._length - part : part);
  };
}

function vertices(mark, k, X, Y) {
  const { xy, scale, origin } = mark;
  const lead = scale ? 0 : mark.axes.length;
  const size = xy.shape.slice(lead).reduce((a, b) => a * b, 1);
  const start = scale ? 0 : k * size;
  const s = scale ? scale[k] : 1, [ox, oy] = origin || [0, 0];
  const out = new Array(size);
  for (let i = 0; i < size; i += 2) {
    out[i] = X(ox + s * xy[start + i]);
    out[i + 1] = Y(oy + s * xy[start + i + 1]);
  }
  return out;
}

const at = (x, y) => `${x.toFixed(1)} ${y.toFixed(1)}`;
function polyline(points) {
  let path = "";
  for (let i = 0, pen = "M"; i < points.length; i += 2) {
    if (!Number.isFinite(points[i]) || !Number.isFinite(points[i + 1])) pen = "M"; // a gap in the data is a gap in the line
    else (path += pen + at(points[i], points[i + 1])), (pen = "L");
  }
  return path;
}

/** Vertices in pixels -> the path of each kind of mark. */
const SHAPES = {
  path: polyline,
  region: (points) => polyline(points) && polyline(points) + "Z",
  segments: (points) => {
    let path = "";
    for (let i = 0; i + 3 < points.length; i += 4) path += polyline(points.slice(i, i + 4));
    return path;
  },
  cursor: polyline,
  text: () => "",
  point: ([x, y], { symbol, size: r }) => {
    if (!Number.isFinite(x) || !Number.isFinite(y)) return "";
    if (symbol === "cross") return `M${at(x - r, y)}H${x + r}M${at(x, y - r)}V${y + r}`;
    if (symbol === "diamond") return `M${at(x, y - r)}L${at(x + r, y)}L${at(x, y + r)}L${at(x - r, y)}Z`;
    return `M${at(x - r, y)}a${r} ${r} 0 1 0 ${2 * r} 0a${r} ${r} 0 1 0 ${-2 * r} 0Z`;
  },
  arrow: ([x0, y0, x1, y1]) => {
    const length = Math.hypot(x1 - x0, y1 - y0);
    if (!(length > 1)) return "";
    const [ux, uy] = [(x1 - x0) / length, (y1 - y0) / length];
    const [bx, by] = [x1 - 9 * ux, y1 - 9 * uy];
    return `M${at(x0, y0)}L${at(bx, by)}M${at(x1, y1)}L${at(bx - 4 * uy, by + 4 * ux)}L${at(bx + 4 * uy, by - 4 * ux)}Z`;
  },
};

/** Marching squares over a blended grid: every level of every cell, in about a millisecond for 61 x 61, so contours move with the scrub. */
function contourPath(z, { x, y, levels }, floor, X, Y) {
  const nx = x.length, ny = y.length;
  const px = Array.from(x, X), py = Array.from(y, Y);
  let path = "";
  for (let j = 0; j + 1 < ny; j++) {
    for (let i = 0; i + 1 < nx; i++) {
      const corner = j * nx + i;
      const a = z[corner], b = z[corner + 1], c = z[corner + nx + 1], d = z[corner + nx];
      const low = Math.min(a, b, c, d), high = Math.max(a, b, c, d);
      for (const step of levels) {
        const level = floor + step;
        if (level <= low) continue;
        if (level > high) break;
        const ends = [];
        const cross = (p, q, x0, y0, x1, y1) => {
          if (p < level === q < level) return;
          const t = (level - p) / (q - p);
          ends.push(at(x0 + t * (x1 - x0), y0 + t * (y1 - y0)));
        };
        cross(a, b, px[i], py[j], px[i + 1], py[j]);
        cross(b, c, px[i + 1], py[j], px[i + 1], py[j + 1]);
        cross(c, d, px[i + 1], py[j + 1], px[i], py[j + 1]);
        cross(d, a, px[i], py[j + 1], px[i], py[j]);
        for (let e = 0; e + 1 < ends.length; e += 2) path += `M${ends[e]}L${ends[e + 1]}`;
      }
    }
  }
  return path;
}

// ---------------------------------------------------------------------------------------------------------------- the scrub

class Scrub extends View {
  constructor(parent, plotlyUrl) {
    super(parent, plotlyUrl);
    const id = `lab${Math.random().toString(36).slice(2)}`;
    this.label = element("label", { htmlFor: id });
    this.output = element("output", { htmlFor: id });
    this.range = element("input", { type: "range", id, min: 0, step: 1 });
    this.play = element("button", { type: "button", className: "lab-play", onclick: () => this.toggle() });
    this.ticks = element("div", { className: "lab-ticks", ariaHidden: "true" });
    this.marks = element("div", { className: "lab-marks" });
    this.root = element("div", { className: "lab-scrub" },
      element("div", { className: "lab-scrub-head" }, this.label, this.output),
      element("div", { className: "lab-scrub-row" }, this.play, element("div", { className: "lab-rail" }, this.range, this.ticks)), this.marks);
    parent.append(this.root);
    this.range.oninput = () => (this.pause(), this.go(Number(this.range.value)));
    this.range.onpointerdown = () => (this.held = true);
    this.range.onpointerup = this.range.onpointercancel = () => (this.held = false);
    // A pointer's release commits at once; keys repeat, so they commit when they rest.
    this.range.onchange = () => (this.held = false, this.commitSoon(this.range.matches(":active") ? 0 : 250));
    this.pause();
  }

  update(message) {
    const { axis } = message;
    this.axis = axis;
    this.label.textContent = axis.label;
    this.range.max = axis.values.length - 1;
    this.ticks.replaceChildren(...axis.marks.map(([index]) => element("i", { style: `--at:${index / Math.max(1, axis.values.length - 1)}` })));
    this.marks.replaceChildren(...axis.marks.map(([index, text]) =>
      element("button", { type: "button", textContent: text, title: `Go to ${this.valueText(index)}`, onclick: () => (this.pause(), this.go(index), this.commitSoon(0)) })));
    for (const [name, scrub] of Object.entries(this.group.scrubs)) if (scrub === this && name !== axis.name) delete this.group.scrubs[name];
    this.group.scrubs[axis.name] = this;
    // Python's value wins, unless a hand is on the slider right now,
    // nor while an older commit's answer can still be on its way: only the answer to the last one counts.
    const stale = performance.now() < (this.answerBy || 0) && message.answer !== this.sent;
    if (!this.held && !this.playing && !this.waiting && !stale) {
      this.committed = message.at;
      this.show(message.at);
      this.group.set(axis.name, message.at);
    }
  }

  valueText(index) {
    return `${this.axis.symbol} ${format(this.axis.values[index])}${this.axis.unit ? ` ${this.axis.unit}` : ""}`.trim();
  }
  show(index) {
    this.range.value = index;
    const text = this.valueText(index);
    this.range.setAttribute("aria-valuetext", text);
    this.output.textContent = text;
    this.range.style.setProperty("--at", index / Math.max(1, this.axis.values.length - 1));
  }
  go(index) {
    const clamped = Math.max(0, Math.min(index, this.axis.values.length - 1));
    this.show(clamped);
    this.group.set(this.axis.name, clamped);
  }
  draw() {}

  /** Keys of a focused chart move its scrub as the slider's own keys do. */
  key(event) {
    const last = this.axis.values.length - 1, page = Math.max(1, Math.round(last / 10)), now = Number(this.range.value);
    const target = { ArrowRight: now + 1, ArrowUp: now + 1, ArrowLeft: now - 1, ArrowDown: now - 1, PageUp: now + page, PageDown: now - page, Home: 0, End: last }[event.key];
    if (target === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    this.pause();
    this.go(target);
    this.commitSoon(250);
  }

  commitSoon(delay) {
    clearTimeout(this.waiting);
    this.waiting = setTimeout(() => {
      this.waiting = undefined;
      const index = Number(this.range.value);
      if (index === this.committed) return;
      this.committed = index;
      this.answerBy = performance.now() + 1500; // longer means that it was lost
      this.sent = (this.sent || 0) + 1;
      this.component.setTriggerValue("commit", { axis: this.axis.name, index, count: this.sent });
    }, delay);
  }

  toggle() {
    if (this.playing) return this.pause(), this.commitSoon(0);
    const last = this.axis.values.length - 1;
    if (Number(this.range.value) >= last) this.go(0);
    const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
    const seconds = 5, start = performance.now(), from = Number(this.range.value);
    this.play.textContent = "❚❚";
    this.play.setAttribute("aria-label", "Pause");
    const tick = (now) => {
      const step = (last * (now - start)) / 1000 / seconds;
      const index = from + (calm ? Math.floor((step * 10) / last) * Math.round(last / 10) : Math.round(step)); // ten still pictures instead of a film
      this.go(index);
      if (index >= last) return this.pause(), this.commitSoon(0);
      this.playing = requestAnimationFrame(tick);
    };
    this.playing = requestAnimationFrame(tick);
  }
  pause() {
    cancelAnimationFrame(this.playing);
    this.playing = 0;
    this.play.textContent = "▶";
    this.play.setAttribute("aria-label", "Play");
  }
  dispose() {
    this.pause();
    clearTimeout(this.waiting);
    for (const [name, scrub] of Object.entries(this.group.scrubs)) if (scrub === this) delete this.group.scrubs[name];
    super.dispose();
  }
}

// -------------------------------------------------------------------------------------------------------------- the readouts

class Readouts extends View {
  constructor(parent, plotlyUrl) {
    super(parent, plotlyUrl);
    this.root = element("dl", { className: "lab-readouts" });
    parent.append(this.root);
  }
  update(message, dark) {
    this.items = message.items.map((item) => {
      const term = element("dt", { textContent: item.label, title: item.help, style: `color:${(dark && message.inks[item.colour]) || item.colour}` });
      return { ...item, node: element("dd"), term, wide: Boolean(item.words) };
    });
    this.root.replaceChildren(...this.items.map(({ term, node, wide }) => element("div", { className: wide ? "lab-wide" : "" }, term, node)));
    this.draw(this.group.at);
  }
  draw(at) {
    for (const { values, words, digits, axes, node } of this.items || []) {
      const text = words ? words.text[words.index[memberOf(axes, [words.index.length], at)]] : format(values[memberOf(axes, values.shape, at)], digits);
      if (node.textContent !== text) node.textContent = text;
    }
  }
}
