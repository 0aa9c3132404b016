// The views that move together.

const groups = new Map(); // group name -> Group

/** The views that the same scrubs move: an index for each family axis, one animation frame for all of them, and the film that they show, if any. */
class Group {
  constructor() {
    this.at = {};
    this.members = new Set();
    this.scrubs = {};
    this.moved = new Set();
    this.frame = 0;
  }
  set(axis, index) {
    if (this.at[axis] === index) return;
    this.at[axis] = index;
    this.touch(axis);
  }
  /** Have what follows an axis, or "film" or "play", drawn in the next frame. */
  touch(axis) {
    this.moved.add(axis);
    this.frame ||= requestAnimationFrame(() => {
      const moved = this.moved;
      this.frame = 0;
      this.moved = new Set();
      for (const member of this.members) if (member.sourced || member.axes.some((each) => moved.has(each))) member.draw(this.at);
    });
  }
  /** The scrubs in the order of the page, whichever of them was mounted first. */
  get ordered() {
    const before = (one, other) => one.root.compareDocumentPosition(other.root) & Node.DOCUMENT_POSITION_FOLLOWING;
    return Object.values(this.scrubs).filter((scrub) => !scrub.fixed).sort((one, other) => (one === other ? 0 : before(one, other) ? -1 : 1));
  }
  /** The scrub that keys move first: the first player where there is one. */
  get first() {
    const scrubs = this.ordered;
    return scrubs.find((scrub) => scrub.axis.pace > 0) || scrubs[0];
  }
  /** The scrub that the keys up and down move. */
  get second() {
    return this.ordered.find((scrub) => scrub !== this.first) || this.first;
  }
  /** Go to a member of an axis as its scrub does. */
  choose(axis, index) {
    if (this.scrubs[axis]?.fixed) return;
    if (this.scrubs[axis]) this.scrubs[axis].choose(index);
    else this.set(axis, index);
  }
}

/** Every view of the page. */
export const everyView = () => [...groups.values()].flatMap(({ members }) => [...members]);

/** What all views share: a place in a group, and the axes that they follow. */
export class View {
  constructor(parent, plotlyUrl) {
    this.parent = parent;
    this.plotlyUrl = plotlyUrl;
    this.axes = [];
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
