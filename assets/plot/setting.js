// How large and in which inks everything is drawn: as on a desk, or for the back of a room.

let strong; // {light, dark}: light value of the law -> the ink of high contrast, while a page is presented

/** Draw in inks of high contrast, or, with nothing, in those of the law. */
export function setInks(inks) {
  strong = inks;
}

/** Light value -> the ink that is drawn; a colour that is no key stays as it is. */
export function inksOf(message, dark) {
  if (strong) return strong[dark ? "dark" : "light"];
  return dark ? message.inks : {};
}

/** The style of a word in a colour: in its ink on the screen, as it is on paper, which is white (assets/print.css). */
export const worn = (colour, inks) => `color:${inks[colour] || colour};--lab-on-white:${colour}`;

/** How many times as large as on a desk; the style says so. */
export function scaleOf() {
  return parseFloat(getComputedStyle(document.documentElement).getPropertyValue("--lab-scale")) || 1;
}
