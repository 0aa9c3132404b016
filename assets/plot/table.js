// A table whose rows run along a family axis: the row where the group stands is marked and kept in sight, and a row is a place to go to.

import { element, saveCsv } from "./dom.js";
import { View } from "./groups.js";
import { inksOf, worn } from "./setting.js";

const MOST = 24; // rows on paper

export class Table extends View {
  constructor(parent, plotlyUrl) {
    super(parent, plotlyUrl);
    this.box = element("div", { className: "lab-table-box" });
    this.note = element("p", { className: "lab-note" });
    this.note.setAttribute("role", "status");
    const csv = element("button", { type: "button", textContent: "CSV", title: "Download the table as CSV", onclick: () => this.download() });
    this.root = element("div", { className: "lab-table" }, this.box, this.note, element("div", { className: "lab-tools" }, csv));
    parent.append(this.root);
    this.box.addEventListener("click", (event) => this.choose(event.target.closest("tbody tr")));
    this.box.addEventListener("keydown", (event) => this.key(event));
    this.box.addEventListener("scroll", () => this.places && (this.places.scrolled = this.box.scrollTop), { passive: true });
    this.sizes = new ResizeObserver(() => (this.places = undefined));
  }

  update(message, dark) {
    this.message = message;
    this.axes = [message.axis];
    const inks = inksOf(message, dark);
    this.notes = new Map(message.notes.map(({ row, column, note }) => [`${row} ${column}`, note]));
    const head = element("tr", {}, ...message.columns.map(({ heading, colour }) => element("th", { scope: "col", textContent: heading, style: worn(colour, inks) })));
    this.rows = message.cells.map((cells, i) => {
      const row = element("tr", { tabIndex: -1 }, ...cells.map((text, j) => this.cell(text, i, j)));
      row.dataset.row = i;
      return row;
    });
    const top = this.box.scrollTop, held = [...this.box.querySelectorAll("tbody tr")].indexOf(document.activeElement);
    const table = element("table", {}, element("caption", { textContent: message.title }), element("thead", {}, head), element("tbody", {}, ...this.rows));
    this.box.replaceChildren(table);
    this.box.scrollTop = top;
    this.places = undefined;
    this.sizes.disconnect();
    for (const each of [this.box, table]) this.sizes.observe(each);
    this.note.hidden = !this.notes.size;
    this.current = undefined;
    this.draw(this.group.at);
    // A key has gone to a row, and the answer to that has made the rows anew.
    if (held >= 0) this.rows[Math.min(held, this.rows.length - 1)]?.focus({ preventScroll: true });
  }

  /** The first cell of a row is its heading; a cell with a remark is marked. */
  cell(text, i, j) {
    const cell = j ? element("td", { textContent: text }) : element("th", { scope: "row", textContent: text });
    const note = this.notes.get(`${i} ${j}`);
    if (note) {
      cell.className = "lab-noted";
      cell.title = note;
      cell.append("†");
    }
    return cell;
  }

  draw(at) {
    const index = Math.min(at[this.message.axis] ?? 0, this.rows.length - 1), row = this.rows[index];
    if (row === this.current) return;
    this.current?.removeAttribute("aria-current");
    if (this.current) this.current.tabIndex = -1;
    this.current = row;
    if (!row) return;
    row.setAttribute("aria-current", "true");
    row.tabIndex = 0; // one stop for the Tab key; the arrow keys go on from there
    const said = this.message.columns.flatMap(({ heading }, j) => (this.notes.has(`${index} ${j}`) ? [`† ${heading}: ${this.notes.get(`${index} ${j}`)}`] : []));
    this.note.textContent = said.join(" ");
    this.reveal(row);
  }

  /** Bring a row into sight by scrolling the table's own box, never the page. */
  reveal(row) {
    const { box } = this, { head, height, tops, scrolled } = (this.places ||= this.measured()), [top, bottom] = tops.get(row);
    const wanted = top - head < scrolled ? top - head : bottom > scrolled + height ? bottom - height : scrolled;
    if (wanted !== scrolled) box.scrollTop = this.places.scrolled = wanted;
  }
  /** Where rows and box stand. Asking at each step would have the browser lay the page out twice a frame, so it is kept until something changes. */
  measured() {
    const { box } = this, tops = new Map(this.rows.map((row) => [row, [row.offsetTop, row.offsetTop + row.offsetHeight]]));
    return { head: box.querySelector("thead").offsetHeight, height: box.clientHeight, tops, scrolled: box.scrollTop };
  }

  choose(row) {
    if (row) this.group.choose(this.message.axis, Number(row.dataset.row));
  }

  /** Up and down move between rows, Enter goes to the one in focus, space plays. */
  key(event) {
    const row = event.target.closest("tbody tr");
    if (!row || event.ctrlKey || event.metaKey || event.altKey) return;
    const now = Number(row.dataset.row), last = this.rows.length - 1;
    const target = { ArrowDown: Math.min(last, now + 1), ArrowUp: Math.max(0, now - 1), Home: 0, End: last }[event.key];
    if (event.key === "Enter") this.choose(row);
    else if (event.key === " ") this.group.scrubs[this.message.axis]?.toggle();
    else if (target !== undefined) {
      this.rows[target].focus({ preventScroll: true });
      this.reveal(this.rows[target]);
    } else return;
    event.preventDefault();
  }

  /** On paper, the rows around the one where the group stands, and how many there are; all of them are in the CSV. */
  paper(on) {
    this.cut?.remove();
    const { length } = this.rows, from = Math.max(0, Math.min(Number(this.current?.dataset.row ?? 0) - MOST / 2, length - MOST));
    this.rows.forEach((row, i) => row.toggleAttribute("data-off", on && (i < from || i >= from + MOST)));
    if (!on || length <= MOST) return;
    this.cut = element("p", { className: "lab-caption", textContent: `Rows ${from + 1} to ${from + MOST} of ${length}.` });
    this.box.after(this.cut);
  }

  dispose() {
    this.sizes.disconnect();
    super.dispose();
  }

  download() {
    saveCsv([this.message.columns.map(({ heading }) => heading), ...this.message.cells], this.message.title.toLowerCase().replace(/[^\p{L}\p{N}]+/gu, "-").replace(/^-|-$/g, "") || "table");
  }
}
