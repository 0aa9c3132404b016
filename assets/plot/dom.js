// Elements, the theme, numbers as people read them, and files to save.

const SVG = "http://www.w3.org/2000/svg";

export function element(name, attributes = {}, ...children) {
  const node = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) key in node && key !== "list" ? (node[key] = value) : node.setAttribute(key, value);
  node.append(...children);
  return node;
}

export function drawn(name, attributes = {}) {
  const node = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  return node;
}

/** Write an element's words where they are others now: into the text that it has, since a new one has the browser look at every :has() of the page. */
export function write(node, text) {
  const { firstChild } = node;
  if (firstChild?.nodeType === Node.TEXT_NODE && !firstChild.nextSibling && text) {
    if (firstChild.data !== text) firstChild.data = text;
  } else if (node.textContent !== text) node.textContent = text;
}

export function isDark(css) {
  const probe = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  probe.fillStyle = css.trim() || "#fff";
  const [r, g, b] = [1, 3, 5].map((i) => parseInt(probe.fillStyle.slice(i, i + 2), 16));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b < 128;
}

/** A number for people: significant digits, no trailing zeros, the sign of infinity instead of a word. */
export function format(value, digits = 4) {
  if (value === Infinity) return "∞";
  if (value === 0) return "0";
  const size = Math.abs(value);
  if (size < 1e-4 || size >= 1e6) return value.toExponential(1).replace("e-", " × 10^−").replace("e+", " × 10^").replace(/\^(−?)(\d+)/, (_, s, d) => superscript(s + d));
  return String(Number(value.toPrecision(digits))).replace("-", "−");
}
const superscript = (text) => text.replace("−", "⁻").replace(/\d/g, (d) => "⁰¹²³⁴⁵⁶⁷⁸⁹"[d]);

export function save(blob, name) {
  const link = element("a", { href: URL.createObjectURL(blob), download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10000);
}

/** Save rows of values as CSV; a value with a comma, a quote or a line break is quoted. */
export function saveCsv(lines, name) {
  const cell = (value) => (/[",\n]/.test(value) ? `"${String(value).replaceAll('"', '""')}"` : value);
  save(new Blob([lines.map((line) => line.map(cell).join(",")).join("\n") + "\n"], { type: "text/csv" }), `${name}.csv`);
}
