/* Two pictures on top of each other with a line to drag. Without script they are side by side. */

import { StudioElement } from "./element.js";
import { isModified } from "./keys.js";

const STEP = 2;
const KEYS = {
  ArrowLeft: -STEP,
  ArrowDown: -STEP,
  ArrowRight: STEP,
  ArrowUp: STEP,
  PageDown: -5 * STEP,
  PageUp: 5 * STEP,
  Home: -100,
  End: 100,
};

class BeforeAfter extends StudioElement {
  connect() {
    this.handle = document.createElement("div");
    Object.assign(this.handle, { className: "handle", tabIndex: 0, role: "slider" });
    const said = { label: this.dataset.label, valuemin: 0, valuemax: 100 };
    for (const [name, value] of Object.entries({ ...said, orientation: "horizontal" }))
      this.handle.setAttribute(`aria-${name}`, value);
    this.append(this.handle);
    this.listen(this, "pointerdown", (event) => this.take(event));
    this.listen(this, "pointermove", (event) => {
      if (this.hasPointerCapture(event.pointerId)) this.follow(event);
    });
    this.listen(this, "dragstart", (event) => event.preventDefault());
    this.listen(this.handle, "keydown", (event) => this.onKey(event));
    const around = this.closest("details");
    if (around) this.listen(around, "toggle", () => around.open && this.handle.focus());
    this.classList.add("slides");
    this.show(50);
  }

  disconnect() {
    this.handle.remove();
    this.classList.remove("slides");
  }

  take(event) {
    if (event.button) return;
    this.setPointerCapture(event.pointerId);
    this.handle.focus({ focusVisible: false });
    this.follow(event);
    event.preventDefault();
  }

  follow(event) {
    const box = this.querySelector(".after").getBoundingClientRect();
    this.show(((event.clientX - box.left) / box.width) * 100);
  }

  onKey(event) {
    if (!(event.key in KEYS) || isModified(event)) return;
    event.preventDefault();
    event.stopPropagation();
    this.show(this.at + KEYS[event.key]);
  }

  /* Show the earlier picture in the left `percent` of the width. */
  show(percent) {
    this.at = Math.min(100, Math.max(0, percent));
    this.style.setProperty("--at", `${this.at}%`);
    this.handle.setAttribute("aria-valuenow", Math.round(this.at));
    this.handle.setAttribute("aria-valuetext", `${Math.round(this.at)}${this.dataset.value}`);
  }
}

customElements.define("before-after", BeforeAfter);
