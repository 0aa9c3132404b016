// A chart: Plotly's figure, the moving layer over it, the caption below, keys and clicks, downloads.

import { about, stands } from "./about.js";
import { drawn, element, save, saveCsv, write } from "./dom.js";
import { View } from "./groups.js";
import { Handles } from "./handles.js";
import { Layer, blended } from "./layer.js";
import { tell } from "./leave.js";
import { dress, memberOf, rows, spoken, wordsOf } from "./messages.js";
import { inksOf, scaleOf } from "./setting.js";
import { vectors } from "./vector.js";

let plotly; // one promise for the one bundle
export function loadPlotly(url) {
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

const CONFIG = { displayModeBar: false, responsive: false, scrollZoom: false, doubleClick: "reset", showTips: false };
// Milliseconds. How long a click waits for the second one of a double click, and how long a chart out of sight lets a movement rest.
const DOUBLE = 280, REST = 120;
const SLACK = 4; // pixels that a hand may move during a click
const isSourced = ({ source }) => source && (typeof source === "string" || Object.keys(source).length > 0);

/** A figure whose axes will change their ranges: room for any label from the start, so that its frame stays where it is. */
function steady(figure) {
  const { xaxis, yaxis, margin } = figure.layout;
  // Labels that are words stay what they are, and may need more.
  const fixed = (axis) => (axis.tickmode === "array" ? axis : { ...axis, automargin: false, title: { ...axis.title, standoff: null } });
  const room = { ...margin, l: Math.max(62, margin?.l ?? 0), b: Math.max(50, margin?.b ?? 0) };
  return { ...figure, layout: { ...figure.layout, xaxis: fixed(xaxis), yaxis: fixed(yaxis), margin: room } };
}

// Pixels: a sheet of A4 or Letter between its margins, and how high a chart may be there, so that two of them fit.
const SHEET = 680, HIGH = 380;
let charts = 0;

export class Chart extends View {
  constructor(parent, plotlyUrl) {
    super(parent, plotlyUrl);
    this.host = element("div", { className: "lab-plotly" });
    const canvas = element("canvas", { className: "lab-moving", "aria-hidden": "true" });
    this.layer = new Layer(canvas);
    this.canvas = element("div", { className: "lab-canvas", tabIndex: 0 }, this.host, canvas);
    this.canvas.setAttribute("role", "img");
    this.caption = element("figcaption", { className: "lab-caption" });
    const tool = (label, title, action) => element("button", { type: "button", textContent: label, title, onclick: action });
    this.tools = element("div", { className: "lab-tools" },
      tool("Reset view", "Back to the first zoom and camera", () => this.resetView()),
      tool("PNG", "Download as PNG", () => this.download("png")),
      tool("SVG", "Download as SVG", () => this.download("svg")),
      tool("CSV", "Download the numbers as CSV", () => this.downloadTable()));
    this.root = element("figure", { className: "lab-chart" }, this.canvas, this.caption, this.tools);
    this.handles = new Handles(this); // beside the picture, which has no parts to those who hear it
    parent.append(this.root);
    this.canvas.addEventListener("keydown", (event) => this.key(event));
    this.listenForPicks();
    this.sizes = new ResizeObserver(() => this.ready && this.resize());
    this.sizes.observe(this.root);
    this.sight = new IntersectionObserver(([entry]) => ((this.seen = entry.isIntersecting), this.seen && this.ready && this.draw(this.group.at)), { rootMargin: "100px" });
    this.sight.observe(this.root);
    this.due = 0;
  }

  async update(message, dark) {
    this.message = message;
    this.inks = inksOf(message, dark);
    this.dark = dark;
    this.scale = scaleOf();
    this.axes = [...new Set([message.captions.axes, ...message.marks.map(({ axes, until, stage }) => [...axes, until, stage]), ...message.blends.map(({ axes }) => axes), ...(message.stands ? ["hand"] : [])].flat())];
    this.sourced = Boolean(message.range) || [...message.marks, ...message.blends].some(isSourced) || message.captions.text.some((text) => text.includes("{"));
    this.canvas.setAttribute("aria-label", message.alt);
    this.canvas.classList.toggle("lab-pick", message.pick);
    this.tools.lastChild.hidden = !Object.keys(message.table).length;
    this.caption.hidden = !message.captions.text.length;
    const turn = (this.turn = (this.turn || 0) + 1);
    const Plotly = await loadPlotly(this.plotlyUrl);
    const surface = message.blends.find((blend) => blend.kind === "surface");
    await place(Boolean(surface));
    if (turn !== this.turn) return;
    const { figure, layout } = this.dressed();
    const still = figure.data.length ? undefined : JSON.stringify([figure.layout, dark, this.scale]);
    if (this.ready && still && still === this.still && this.range === undefined) return this.show(turn); // nothing of Plotly's changed, so Plotly is not asked: 25 ms saved
    this.still = still;
    if (surface) this.surface(surface).forEach((change, i) => Object.assign(figure.data[surface.trace + i], change));
    await Plotly.react(this.host, figure.data, layout, CONFIG);
    this.sign();
    this.range = undefined;
    if (!this.ready) {
      this.ready = true;
      for (const event of ["plotly_afterplot", "plotly_relayouting"]) this.host.on(event, () => this.drawNow());
      this.host.on("plotly_relayout", (change) => (this.zoomed ||= !this.following && Object.keys(change).some((name) => /^[xy]axis\.range/.test(name))));
      // Plotly's own reset comes after this event.
      this.host.on("plotly_doubleclick", () => setTimeout(() => this.ready && this.message.range && this.resetView(), 60));
    }
    this.show(turn);
    if (Math.abs(this.size().width - layout.width) > 1) this.resize();
  }

  /** Plotly's figure and layout in the colours and the size of the place where it is shown. */
  dressed() {
    const { message } = this, figure = dress(message.range ? steady(message.figure) : message.figure, this.inks, this.dark ? message.inks : {});
    // A finger scrolls the page, it does not zoom the chart.
    const touch = matchMedia("(pointer: coarse)").matches;
    const font = { ...figure.layout.font, family: getComputedStyle(this.parent).fontFamily };
    return { figure, layout: { ...figure.layout, ...this.size(), font, dragmode: touch ? false : figure.layout.dragmode ?? "pan" } };
  }

  /** Where a browser draws no 3-D, say so in our words: Plotly's own send the reader to another site, which a room without a network does not reach. */
  sign() {
    const sign = this.host.querySelector(".no-webgl");
    if (!sign) return;
    sign.removeAttribute("style");
    sign.parentElement.onclick = null;
    sign.textContent = "A 3-D view, which this browser does not draw: its WebGL is off. The other charts, the words and the numbers do without it.";
    for (const tool of [...this.tools.children].slice(0, 3)) tool.hidden = true; // nothing to turn, nothing to save as a picture
  }

  show(turn) {
    this.build();
    this.drawNow();
    this.root.dataset.drawn = turn;
  }
  build() {
    this.layer.build(this.message, this.inks, this.dark, this.scale, `600 13px ${getComputedStyle(this.parent).fontFamily}`, () => this.group.film, () => this.held());
    this.handles.update(this.message.handles || []);
  }
  /** What is drawn of it while a hand is somewhere else than Python knows (hand.js). */
  held() {
    return this.message.stands && this.group.hand?.columns(this.message, this.group.at);
  }

  size() {
    if (this.sheet) return Object.assign(this.host.style, { transform: "", width: "" }), this.sheet;
    // In front of a class everything of a chart is drawn larger, letters, lines and marks alike: Plotly draws a smaller picture that is scaled.
    const { scale } = this, most = parseFloat(getComputedStyle(this.canvas).maxHeight) || Math.max(320, 0.82 * innerHeight);
    const width = Math.max(240, Math.round(this.canvas.clientWidth / scale));
    const height = Math.round(Math.min(width * this.message.aspect, most / scale));
    Object.assign(this.canvas.style, { height: `${height * scale}px` });
    Object.assign(this.host.style, scale === 1 ? { transform: "", width: "" } : { transform: `scale(${scale})`, width: `${width}px` });
    return { width, height };
  }
  resize() {
    const size = this.size();
    const { width, height } = this.host._fullLayout;
    if (Math.abs(size.width - width) > 1 || Math.abs(size.height - height) > 1) window.Plotly.relayout(this.host, size);
  }
  resetView() {
    const { layout } = this.message.figure;
    this.zoomed = false;
    this.range = undefined;
    if (this.rangeNow()) return this.drawNow();
    const flat = layout.xaxis && { "xaxis.range": [...layout.xaxis.range], "yaxis.range": [...layout.yaxis.range] };
    window.Plotly.relayout(this.host, flat || { "scene.camera": layout.scene.camera });
  }

  /** Follow the group: in this frame where the chart is in sight, else when the group comes to rest. */
  draw() {
    if (this.seen !== false) return this.drawNow();
    clearTimeout(this.later);
    this.later = setTimeout(() => this.drawNow(), REST);
  }
  drawNow() {
    clearTimeout(this.later);
    if (!this.layer.marks || !this.ready) return;
    const { captions, figure } = this.message, { xaxis } = this.host._fullLayout, held = this.held();
    const said = held?.caption ?? (captions.text.length ? spoken(wordsOf(captions, this.group.at), this.group) : "");
    this.yieldTo(held);
    write(this.caption, said);
    this.pump();
    this.follow();
    if (!xaxis || !figure.layout.xaxis) return;
    this.layer.draw(this.group.at, this.host._fullLayout);
    this.handles.place(this.layer.view);
  }

  /** While a hand moves, the traces that cannot follow it are out of sight. */
  yieldTo(held) {
    if (Boolean(held) !== this.root.classList.contains("lab-live")) {
      // What is said in a hand is short: the page must not move under it.
      this.caption.style.minHeight = held ? `${this.caption.offsetHeight}px` : "";
      this.root.classList.toggle("lab-live", Boolean(held));
    }
    if (!this.message.yields?.length || (!held && !this.yielded)) return;
    this.yielded = Boolean(held);
    const traces = this.host.querySelectorAll(".scatterlayer > .trace");
    for (const place of this.message.yields) if (traces[place]) traces[place].style.visibility = held ? "hidden" : "";
  }

  // ------------------------------------------------------------------------------------------- axes that follow a film

  /** What the film says of the axes' ends, or undefined. */
  rangeNow() {
    const { range } = this.message;
    return this.held()?.range ?? (range ? this.group.film?.column(range) : undefined);
  }

  /** Bring the axes to where the film wants them, unless a hand has zoomed: the latest wins, and at most a fifth of the time goes into it. */
  follow() {
    const wanted = !this.zoomed && this.seen !== false && this.rangeNow();
    // A hand that has let go where it took hold leaves the axes as they were.
    if (!wanted && this.range !== undefined && this.message.stands && !this.following && !this.held()) this.resetView();
    if (!wanted || this.following || wanted.join() === this.range) return;
    this.following = true;
    setTimeout(async () => {
      const start = performance.now(), ends = this.rangeNow(), { layout } = this.message.figure;
      if (this.ready && ends && !this.zoomed) {
        this.range = ends.join();
        const changes = {};
        for (const [i, name] of ["xaxis", "xaxis", "yaxis", "yaxis"].entries()) {
          const end = layout[name].type === "log" ? Math.log10(ends[i]) : ends[i], now = this.host._fullLayout[name].range[i % 2];
          if (Number.isFinite(end) && Math.abs(end - now) > 1e-6 * Math.abs(end)) changes[`${name}.range[${i % 2}]`] = end;
        }
        if (Object.keys(changes).length) await window.Plotly.relayout(this.host, changes);
        this.due = performance.now() + Math.max(250, 4 * (performance.now() - start));
      }
      this.following = false;
      if (this.ready) this.follow();
    }, Math.max(0, this.due - performance.now()));
  }

  // ---------------------------------------------------------------------------------------------------- keys and clicks

  /** Keys of a focused chart move the group's scrubs as a slider's own keys do: up and down the second one where there are two. */
  key(event) {
    const { first, second } = this.group;
    (event.key === "ArrowUp" || event.key === "ArrowDown" ? second : first)?.key(event);
  }

  /** Report a click of the plane: not a drag, which pans, and not a double click, which resets the view. */
  listenForPicks() {
    this.listening = new AbortController();
    const options = { capture: true, signal: this.listening.signal };
    let press, before = -Infinity;
    this.canvas.addEventListener("pointerdown", (event) => (press = event.isPrimary && event.button === 0 ? event : undefined), options);
    addEventListener("pointercancel", () => (press = undefined), options);
    addEventListener("pointerup", (event) => {
      const down = press;
      press = undefined;
      if (!down || event.pointerId !== down.pointerId) return;
      const still = Math.hypot(event.clientX - down.clientX, event.clientY - down.clientY) <= SLACK * (event.pointerType === "touch" ? 2 : 1);
      const alone = event.timeStamp - before > DOUBLE;
      before = event.timeStamp;
      clearTimeout(this.picking);
      if (!still || !this.message.pick || !this.ready) return;
      this.canvas.focus({ preventScroll: true, focusVisible: false }); // Plotly keeps the click from doing so; keys then move the scrub
      if (alone) this.picking = setTimeout(() => this.pick(down.clientX, down.clientY), DOUBLE);
    }, options);
  }
  pick(clientX, clientY) {
    const box = this.canvas.getBoundingClientRect(), left = (clientX - box.left) / this.scale, top = (clientY - box.top) / this.scale;
    const { frame, X, Y } = this.layer.view;
    if (left < frame.x || left > frame.x + frame.width || top < frame.y || top > frame.y + frame.height) return;
    this.picked = (this.picked || 0) + 1;
    tell(this, "pick", { x: X.back(left), y: Y.back(top), count: this.picked });
  }

  // --------------------------------------------------------------------------------------- surfaces, at their own pace

  /** The latest value wins, and at most a fifth of the time goes into surfaces: they never hold the rest up. */
  pump() {
    const blend = this.ready && this.seen !== false && this.message.blends.find((each) => each.kind === "surface");
    if (!blend || this.busy) return;
    if (this.whereOf(blend) === this.surfaceAt) return;
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
    this.surfaceAt = this.whereOf(blend);
    const k = memberOf(blend.axes, blend.factor.shape, this.group.at), held = this.held()?.blends?.[this.message.blends.indexOf(blend)];
    Object.assign(this.root.dataset, { surface: k, surfaceAxis: blend.axes.join() });
    const [x, y, z] = [0, 1, 2].map((i) => [held?.point?.[i] ?? blend.point[3 * k + i]]);
    return [{ z: rows(blended(blend, this.group.at, held?.base)).map((row) => row.slice()) }, { x, y, z }];
  }
  /** What a surface hangs on: its member, and where a hand is. */
  whereOf(blend) {
    return `${memberOf(blend.axes, blend.factor.shape, this.group.at)} ${this.held() ? this.group.hand.version : ""}`;
  }

  // ------------------------------------------------------------------------------------------------------------ paper

  /** Be drawn for paper, or for the screen again: light, at a sheet's width, the moving layer as vectors. All of it at once, since a browser that prints does not wait. */
  paper(on) {
    if (!this.ready || on === Boolean(this.sheet)) return;
    const { xaxis, yaxis, scene } = this.host._fullLayout, { aspect, blends } = this.message;
    const width = Math.round(Math.min(SHEET, HIGH / aspect));
    const { inks, dark, scale } = this;
    if (on) this.screen = { inks, dark, scale };
    Object.assign(this, on ? { inks: {}, dark: false, scale: 1 } : this.screen);
    this.sheet = on ? { width, height: Math.round(width * aspect) } : undefined;
    this.root.classList.toggle("lab-on-paper", on);
    Object.assign(this.canvas.style, { width: on ? `${width}px` : "", height: `${this.size().height}px` });
    const { figure, layout } = this.dressed();
    // What a hand or a film has made of the view stays.
    if (layout.xaxis) for (const [name, axis] of [["xaxis", xaxis], ["yaxis", yaxis]]) layout[name] = { ...layout[name], range: [...axis.range], autorange: false };
    if (layout.scene) layout.scene = { ...layout.scene, camera: scene._scene.getCamera() };
    const surface = blends.find((blend) => blend.kind === "surface");
    if (surface) this.surface(surface).forEach((change, i) => Object.assign(figure.data[surface.trace + i], change));
    window.Plotly.react(this.host, figure.data, layout, CONFIG);
    this.build();
    this.drawNow();
    this.printed?.remove();
    if (!on) return;
    const { height } = this.sheet;
    this.printed = drawn("svg", { class: "lab-sheet-layer", viewBox: `0 0 ${width} ${height}`, width, height, "aria-hidden": "true" });
    this.printed.append(...(layout.xaxis ? vectors(this.layer, `lab-sheet-${(this.number ||= ++charts)}`) : this.still3d()));
    this.canvas.append(this.printed);
  }
  /** What a 3-D scene shows, as a picture in its place: a browser prints such a canvas empty. Nothing where none is drawn. */
  still3d() {
    const { _size: { l, t, w, h }, scene } = this.host._fullLayout, { x, y } = scene.domain, href = scene._scene.toImage("png");
    return href ? [drawn("image", { href, x: l + w * x[0], y: t + h * (1 - y[1]), width: w * (x[1] - x[0]), height: h * (y[1] - y[0]), preserveAspectRatio: "none" })] : [];
  }

  // -------------------------------------------------------------------------------------------------------- downloads

  /** Plotly's own picture with the moving layer on top, as one SVG that says what it shows and where it comes from. */
  async picture() {
    this.drawNow();
    const { width, height } = this.host._fullLayout;
    const uri = await window.Plotly.toImage(this.host, { format: "svg", width, height });
    const svg = new DOMParser().parseFromString(decodeURIComponent(uri.slice(uri.indexOf(",") + 1)), "image/svg+xml").documentElement;
    svg.prepend(drawn("rect", { width, height, fill: getComputedStyle(this.parent).getPropertyValue("--st-background-color").trim() }));
    if (this.layer.view) svg.append(...vectors(this.layer));
    svg.prepend(...this.described(svg));
    return { text: new XMLSerializer().serializeToString(svg), width, height };
  }
  /** Title, description and metadata of a picture, for readers that do not see it and for those who find it later. */
  described(svg) {
    const { title, link, settings } = about(), { alt, name } = this.message, { textContent: caption } = this.caption;
    const said = [...stands(this.group), ...settings].map((pair) => pair.join(": ")).join("; ");
    const node = (tag, text, attributes) => Object.assign(drawn(tag, attributes), { textContent: text });
    svg.setAttribute("role", "img");
    svg.setAttribute("aria-labelledby", "lab-title lab-description");
    const words = [`${name.replaceAll("-", " ")}, ${title}`, [alt, caption, said && `Settings: ${said}.`].filter(Boolean).join(" ")];
    const dublin = (term, text) => Object.assign(document.createElementNS("http://purl.org/dc/elements/1.1/", `dc:${term}`), { textContent: text });
    const source = document.createElementNS("http://www.w3.org/1999/02/22-rdf-syntax-ns#", "rdf:RDF"), entry = document.createElementNS(source.namespaceURI, "rdf:Description");
    entry.append(dublin("title", words[0]), dublin("description", words[1]), dublin("source", link));
    source.append(entry);
    const metadata = drawn("metadata");
    metadata.append(source);
    return [node("title", words[0], { id: "lab-title" }), node("desc", words[1], { id: "lab-description" }), metadata];
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
  /** A row a member of the first axis; a column with more axes becomes several, numbered. */
  downloadTable() {
    const columns = Object.entries(this.message.table).flatMap(([name, column]) => {
      const [length, across] = [column.shape[0], column.length / column.shape[0]];
      const cells = (j) => Array.from({ length }, (_, k) => column[k * across + j]);
      return Array.from({ length: across }, (_, j) => [across > 1 ? `${name} ${j + 1}` : name, cells(j)]);
    });
    const length = Math.max(...columns.map(([, cells]) => cells.length));
    saveCsv([columns.map(([name]) => name), ...Array.from({ length }, (_, k) => columns.map(([, cells]) => cells[k] ?? ""))], this.message.name);
  }

  dispose() {
    this.handles.dispose();
    this.sizes.disconnect();
    this.sight.disconnect();
    this.listening.abort();
    clearTimeout(this.later);
    clearTimeout(this.picking);
    this.turn = undefined; // what is still under way for this chart is dropped
    if (this.ready) window.Plotly.purge(this.host);
    this.ready = false;
    super.dispose();
  }
}
