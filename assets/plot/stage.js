// A page that is presented: inks of high contrast, keys that move the main scrub wherever the focus rests, and the list of those keys.

import { element } from "./dom.js";
import { View, everyView } from "./groups.js";
import { setInks } from "./setting.js";

const KEYS = [
  [["←", "→"], "move the first slider"],
  [["↑", "↓"], "move the second one, where there is one"],
  [["Home", "End"], "its ends; Page Up and Page Down go a tenth"],
  [["Space"], "play or pause"],
  [["Alt", "N"], "next step of the story; Alt P: the one before"],
  [["Tab"], "from control to control"],
  [["?"], "this list"],
  [["Esc"], "back to the page as usual; Alt Shift P: to and fro"],
];
// What has keys of its own.
const BUSY = "input, textarea, select, button, a, summary, [role=radio], [role=option], [role=slider], [role=combobox], [role=tab], [contenteditable=true], .lab-canvas, .lab-table tr";
const MOVES = ["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown", "Home", "End", "PageUp", "PageDown", " "];

/** The sliders above the main chart that can be moved, in the order of the page. */
function leading() {
  const before = (one, other) => (one.root.compareDocumentPosition(other.root) & Node.DOCUMENT_POSITION_FOLLOWING ? -1 : 1);
  return everyView().filter((view) => view.range && !view.fixed && view.root.closest(".st-key-lab-scrub-theatre")).sort(before);
}

export class Stage extends View {
  constructor(parent, plotlyUrl) {
    super(parent, plotlyUrl);
    const row = ([keys, text]) => [element("dt", {}, ...keys.map((key) => element("kbd", { textContent: key }))), element("dd", { textContent: text })];
    const close = element("button", { type: "button", textContent: "Close", onclick: () => this.list.close() });
    this.list = element("dialog", { className: "lab-keys" }, element("h2", { textContent: "Keys" }), element("dl", {}, ...KEYS.flatMap(row)), close);
    this.list.setAttribute("aria-label", "Keys");
    this.open = element("button", { type: "button", className: "lab-keys-open", textContent: "? Keys", onclick: () => this.toggle() });
    this.root = element("div", {}, this.open, this.list);
    parent.append(this.root);
    this.listening = new AbortController();
    document.addEventListener("keydown", (event) => this.key(event), { signal: this.listening.signal });
  }

  update(message) {
    setInks({ light: message.light, dark: message.dark });
    this.others();
  }
  draw() {}

  /** Have what is drawn in inks drawn anew. */
  others() {
    for (const view of everyView()) if (view.root?.matches(".lab-chart, .lab-readouts, .lab-table")) view.redress?.();
  }

  toggle() {
    this.list.open ? this.list.close() : this.list.showModal();
  }

  /** Keys that nothing else has taken. */
  key(event) {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
    const at = event.target.closest?.(BUSY), typing = event.target.matches?.("input:not([type=range]), textarea");
    if (event.key === "?" && !typing) this.toggle();
    else if (event.key === "Escape" && !this.list.open && !typing && !document.querySelector("[data-baseweb=popover]")) {
      document.querySelector("[class*=st-key-lab-leave] button")?.click();
    } else if (!at && !this.list.open && MOVES.includes(event.key)) {
      const [first, second] = leading(), player = [first, second].find((each) => each?.axis.pace > 0) || first;
      const upright = event.key === "ArrowUp" || event.key === "ArrowDown";
      // With one slider the page scrolls up and down as ever.
      (event.key === " " ? player : upright ? second : first)?.key(event);
      return;
    } else return;
    event.preventDefault();
  }

  dispose() {
    this.listening.abort();
    setInks(undefined);
    super.dispose();
    this.others();
  }
}
