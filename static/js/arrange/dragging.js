/* Drag a picture to another place: a mouse at once, a finger after it was held. */

// How long a finger holds, in milliseconds, and how far a mouse moves, in pixels, to pick up.
const HOLD = 350;
const SLACK = 6;
// So near to an edge of the window, in pixels, the page scrolls, by so much each time.
const EDGE = 72;
const SCROLLED = 14;

export class Dragging {
  /* Calls hold(item), place(item, other), drop() and putBack() of `owner`. */
  constructor(owner) {
    this.owner = owner;
    owner.listen(owner, "pointerdown", (event) => this.onDown(event));
    owner.listen(window, "pointermove", (event) => this.onMove(event));
    owner.listen(window, "pointerup", () => this.onUp());
    owner.listen(window, "pointercancel", () => this.cancel());
    // A finger that holds a picture does not scroll the page.
    owner.listen(owner, "touchmove", (event) => this.active && event.preventDefault(), {
      passive: false,
    });
    owner.listen(owner, "contextmenu", (event) => this.pressed && event.preventDefault());
  }

  onDown(event) {
    const item = event.button ? null : event.target.closest(".grip")?.closest("li");
    if (!item || this.owner.held) return;
    this.pressed = { item, x: event.clientX, y: event.clientY };
    if (event.pointerType === "touch") this.timer = setTimeout(() => this.begin(), HOLD);
  }

  onMove(event) {
    if (!this.active && this.pressed && this.isFar(event)) {
      if (event.pointerType === "touch") this.cancel();
      else this.begin();
    }
    if (this.active) this.dragTo(event);
  }

  isFar = ({ clientX, clientY }) =>
    Math.hypot(clientX - this.pressed.x, clientY - this.pressed.y) > SLACK;

  begin() {
    this.active = true;
    this.owner.hold(this.pressed.item);
  }

  dragTo({ clientX, clientY }) {
    const over = document.elementFromPoint(clientX, clientY)?.closest(".arrange > li");
    if (over && over !== this.owner.held) this.owner.place(this.owner.held, over);
    if (clientY < EDGE) window.scrollBy(0, -SCROLLED);
    else if (clientY > window.innerHeight - EDGE) window.scrollBy(0, SCROLLED);
  }

  onUp() {
    const { active } = this;
    this.end();
    if (active) this.owner.drop();
  }

  cancel() {
    const { active } = this;
    this.end();
    if (active) this.owner.putBack();
  }

  end() {
    clearTimeout(this.timer);
    Object.assign(this, { pressed: null, active: false });
  }
}
