/* One or two pointers on a picture: move it, pinch it, or swipe. */

// A finger that moved less than this, in pixels, has tapped.
const SLACK = 8;
// From this share of the box's width a swipe leads to the next picture.
const WIPED = 0.15;

/* Return where a swipe of `across` pixels leads: "next", "prev", or "" if it was too short. */
export function directionOf(across, width) {
  if (Math.abs(across) < width * WIPED) return "";
  return across < 0 ? "next" : "prev";
}

export class Pointers {
  /* Calls moveBy(dx, dy), pinchBy(factor, [x, y]), wipeBy(dx) and wiped(dx) of `owner`. */
  constructor(owner) {
    Object.assign(this, { owner, held: new Map(), wipe: 0 });
    owner.listen(owner, "pointerdown", (event) => this.onDown(event));
    owner.listen(owner, "pointermove", (event) => this.onMove(event));
    owner.listen(owner, "pointerup pointercancel", (event) => this.onUp(event));
  }

  onDown(event) {
    if (event.button) return;
    if (!this.held.size) this.dragged = false;
    this.held.set(event.pointerId, event);
  }

  onMove(event) {
    const before = this.held.get(event.pointerId);
    if (!before) return;
    if (this.held.size > 1) this.pinch(before, event);
    else if (this.dragged || this.far(before, event)) this.drag(before, event);
    else return;
    this.held.set(event.pointerId, event);
  }

  far = (before, { clientX, clientY }) =>
    Math.hypot(clientX - before.clientX, clientY - before.clientY) > SLACK;

  drag(before, event) {
    this.hold(event);
    const across = event.clientX - before.clientX;
    if (this.owner.isZoomed) this.owner.moveBy(across, event.clientY - before.clientY);
    else if (event.pointerType !== "mouse") this.owner.wipeBy((this.wipe += across));
  }

  pinch(before, event) {
    this.hold(event);
    this.wipe = 0;
    const other = [...this.held.values()].find((one) => one.pointerId !== event.pointerId);
    const apart = (one) => Math.hypot(one.clientX - other.clientX, one.clientY - other.clientY);
    const middle = [(event.clientX + other.clientX) / 2, (event.clientY + other.clientY) / 2];
    this.owner.pinchBy(apart(event) / Math.max(apart(before), 1), middle);
    this.owner.moveBy(
      (event.clientX - before.clientX) / 2,
      (event.clientY - before.clientY) / 2,
    );
  }

  /* Capture the pointer; the click that may follow is ignored. */
  hold(event) {
    this.dragged = true;
    this.owner.setPointerCapture(event.pointerId);
  }

  onUp(event) {
    this.held.delete(event.pointerId);
    if (this.held.size || !this.wipe) return;
    const { wipe } = this;
    this.wipe = 0;
    this.owner.wiped(event.type === "pointerup" ? wipe : 0);
  }
}
