/* Mouse, pen, fingers, wheel on the canvas: one pointer paints, two pinch, space and drag moves. */

const WHEEL_SPEED = 0.0015;
const PINCH_SPEED = 0.01;
const LINE = 16;

export class Pointers {
  constructor(painter, owner) {
    this.painter = painter;
    this.down = new Map();
    this.does = "";
    this.space = false;
    const on = (names, act) => owner.listen(painter.canvas, names, act);
    on("pointerdown", (event) => this.press(event));
    on("pointermove", (event) => this.drag(event));
    on("pointerup pointercancel", (event) => this.lift(event));
    on("pointerleave", () => painter.point(null));
    on("wheel", (event) => this.wheel(event));
  }

  press(event) {
    if (event.button > 1 || !this.painter.isReady) return;
    event.preventDefault();
    this.painter.canvas.focus({ preventScroll: true });
    this.painter.canvas.setPointerCapture(event.pointerId);
    this.down.set(event.pointerId, spotOf(event));
    if (this.down.size > 1) this.pinch();
    else if (event.button === 1 || this.space) this.does = "pan";
    else this.start(event);
  }

  start(event) {
    this.does = "paint";
    this.painter.begin(this.painter.view.point(event));
  }

  /* What the first finger painted before the second one came was not intended. */
  pinch() {
    this.painter.cancelStroke();
    this.does = "pinch";
  }

  drag(event) {
    if (!this.painter.isReady) return;
    if (event.pointerType !== "touch") this.painter.point(this.painter.view.point(event));
    const old = this.down.get(event.pointerId);
    if (!old) return;
    if (this.does === "paint") this.paint(event);
    if (this.does === "pan") this.pan(old, event);
    const before = this.does === "pinch" && this.grip();
    this.down.set(event.pointerId, spotOf(event));
    if (before) this.follow(before, this.grip());
  }

  paint(event) {
    // Between two frames a fast hand passes more positions than the event itself contains.
    const passed = event.getCoalescedEvents?.() ?? [];
    for (const spot of passed.length ? passed : [event]) {
      this.painter.move(this.painter.view.point(spot));
    }
  }

  pan(before, now) {
    const { view } = this.painter;
    view.pan(now.clientX - before.clientX, now.clientY - before.clientY);
  }

  follow(before, now) {
    const { view } = this.painter;
    this.pan(before, now);
    view.zoom(now.apart / before.apart, view.spot(now));
  }

  /* Return the middle of the first two fingers, and their distance. */
  grip() {
    const [one, other] = [...this.down.values()];
    return {
      clientX: (one.clientX + other.clientX) / 2,
      clientY: (one.clientY + other.clientY) / 2,
      apart: Math.max(Math.hypot(one.clientX - other.clientX, one.clientY - other.clientY), 1),
    };
  }

  lift(event) {
    if (!this.down.delete(event.pointerId)) return;
    if (this.does === "paint" && event.type === "pointerup") this.painter.end();
    else if (this.does === "paint") this.painter.cancelStroke();
    // A finger that remains after a pinch neither paints nor moves.
    this.does = "";
  }

  wheel(event) {
    if (!this.painter.isReady) return;
    event.preventDefault();
    const { view } = this.painter;
    const unit = event.deltaMode ? LINE : 1;
    const [across, down] = [event.deltaX * unit, event.deltaY * unit];
    const speed = event.ctrlKey ? PINCH_SPEED : WHEEL_SPEED;
    if (event.shiftKey || Math.abs(across) > Math.abs(down)) view.pan(-(across || down), 0);
    else view.zoom(Math.exp(-down * speed), view.spot(event));
  }
}

const spotOf = ({ clientX, clientY }) => ({ clientX, clientY });
