// How large and in which inks everything is drawn: as on a desk, or for the back of a room.

let strong; // {light, dark}: light value of the law -> the ink of high contrast, while a page is presented

/** Draw in inks of high contrast, or, with nothing, in those of the law. */
export const setInks = (inks) => (strong = inks);

/** Light value -> the ink that is drawn; a colour that is no key stays as it is. */
export const inksOf = (message, dark) => (strong ? strong[dark ? "dark" : "light"] : dark ? message.inks : {});

/** How many times as large as on a desk; the style says so. */
export const scaleOf = () => parseFloat(getComputedStyle(document.documentElement).getPropertyValue("--lab-scale")) || 1;
