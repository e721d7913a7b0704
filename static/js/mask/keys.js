/* Keyboard control of the painter: arrows move the brush, space paints. Letters are identified
   by position. */

const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
const ACTIONS = {
  KeyB: "brush",
  KeyE: "eraser",
  KeyI: "invert",
  Equal: "closer",
  NumpadAdd: "closer",
  Minus: "farther",
  NumpadSubtract: "farther",
  Digit0: "fit",
  Numpad0: "fit",
  BracketLeft: "thinner",
  BracketRight: "thicker",
};

export class Keys {
  constructor(painter, pointers, owner) {
    Object.assign(this, { painter, pointers });
    owner.listen(painter.dialog, "keydown", (event) => this.press(event));
    owner.listen(painter.dialog, "keyup", (event) => this.lift(event));
    owner.listen(painter.canvas, "blur", () => this.leave());
  }

  press(event) {
    // The page below has shortcuts of its own; Ctrl with Enter spends money.
    event.stopPropagation();
    if (!this.painter.isReady || event.altKey) return;
    const action = event.ctrlKey || event.metaKey ? stepOf(event) : ACTIONS[event.code];
    if (action) this.painter.act(action);
    else if (event.target !== this.painter.canvas) return;
    else if (ARROWS[event.key]) this.walk(event);
    else if (event.key === " ") this.hold(event);
    else return;
    event.preventDefault();
  }

  walk(event) {
    const step = Math.max(this.painter.brush.radius * (event.shiftKey ? 3 : 0.5), 1);
    const [across, down] = ARROWS[event.key];
    this.painter.walk(across * step, down * step);
  }

  /* While a mouse is over the canvas, space moves the picture; otherwise it paints. */
  hold(event) {
    if (event.repeat) return;
    if (this.painter.cursor && !this.painter.cursor.keys) this.pointers.space = true;
    else if (!this.pointers.does) this.painting = this.painter.beginHere();
    this.painter.canvas.classList.toggle("moves", this.pointers.space);
  }

  lift(event) {
    event.stopPropagation();
    if (event.key === " ") this.leave();
  }

  leave() {
    if (this.painting) this.painter.end();
    this.painting = this.pointers.space = false;
    this.painter.canvas.classList.remove("moves");
  }
}

function stepOf(event) {
  if (event.code === "KeyY") return "redo";
  if (event.code === "KeyZ") return event.shiftKey ? "redo" : "undo";
  return "";
}
