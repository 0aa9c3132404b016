// A box to type a formula in. What is typed is told after a short rest, so that the LaTeX beside it follows; what is meant, by Enter, by leaving the
// box or by a longer rest, is told once more, and the charts follow that.
//
// In: the message of ui/formula.py. Out: the triggers "typed" {text, count} and "commit" {text, count}.

import { element } from "./dom.js";
import { View } from "./groups.js";
import { tell } from "./leave.js";

const SHORT = 150, LONG = 1100; // milliseconds without a key
let made = 0;

export class Formula extends View {
  constructor(parent, plotlyUrl) {
    super(parent, plotlyUrl);
    const id = `lab-formula-${++made}`;
    this.box = element("textarea", {
      id, rows: 2, spellcheck: false, autocomplete: "off", autocapitalize: "off", "aria-describedby": `${id}-hint ${id}-said`,
      oninput: () => this.typed(),
      onchange: () => this.commit(),
      onkeydown: (event) => {
        if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
        event.preventDefault();
        this.commit();
      },
    });
    this.box.setAttribute("autocorrect", "off");
    this.label = element("label", { htmlFor: id });
    this.hint = element("p", { className: "lab-formula-hint", id: `${id}-hint` });
    this.said = element("div", { className: "lab-formula-said", id: `${id}-said`, "aria-live": "polite" });
    this.root = element("div", { className: "lab-formula" }, this.label, this.box, this.hint, this.said);
    parent.append(this.root);
  }

  update(message) {
    const first = !this.message;
    this.message = message;
    this.label.textContent = message.label;
    this.hint.textContent = message.hint;
    this.box.maxLength = message.longest;
    this.box.readOnly = message.locked;
    if (first) this.count = message.count;
    // What a hand has typed since, and has not been answered, is newer than any message.
    if (first || (message.count === this.count && !this.resting && !this.meaning)) {
      if (this.box.value !== message.text) this.box.value = message.text;
      this.told = this.meant = message.text;
    }
    if (message.count === this.count) this.say(message.error);
    this.grow();
  }
  draw() {}

  typed() {
    this.grow();
    clearTimeout(this.resting);
    clearTimeout(this.meaning);
    this.resting = setTimeout(() => this.tell("typed"), SHORT);
    this.meaning = setTimeout(() => this.commit(), LONG);
  }
  commit() {
    clearTimeout(this.resting);
    clearTimeout(this.meaning);
    this.resting = this.meaning = 0;
    const text = this.box.value;
    if (text === this.meant || this.message.locked) return;
    this.meant = text;
    this.tell("commit");
  }
  tell(name) {
    this.resting = 0;
    const text = this.box.value;
    if (name === "typed" && text === this.told) return;
    this.told = text;
    tell(this, name, { text, count: ++this.count });
  }

  /** Show what is wrong: the sentence, the place, and what is allowed. */
  say(error) {
    const key = JSON.stringify(error);
    if (key === this.saidKey) return;
    this.saidKey = key;
    this.box.setAttribute("aria-invalid", String(Boolean(error)));
    if (!error) {
      this.said.replaceChildren();
      return;
    }
    const lines = [element("p", { className: "lab-formula-what" }, element("strong", { textContent: error.what }), ` ${error.remedy}`)];
    if (error.marked) {
      const caret = " ".repeat([...error.before].length) + "^".repeat(Math.max(1, [...error.marked].length));
      const place = element("pre", { className: "lab-formula-place" }, error.before, element("mark", { textContent: error.marked }), `${error.after}\n${caret}`);
      place.setAttribute("aria-hidden", "true"); // the sentence says it
      lines.push(place);
    }
    lines.push(element("p", { textContent: error.allowed }), element("p", { textContent: error.kept }));
    this.said.replaceChildren(...lines);
  }

  /** As many lines as the formula has. */
  grow() {
    this.box.style.height = "auto";
    if (this.box.scrollHeight) this.box.style.height = `${this.box.scrollHeight + 4}px`;
  }

  dispose() {
    clearTimeout(this.resting);
    clearTimeout(this.meaning);
    super.dispose();
  }
}
