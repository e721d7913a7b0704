/* Two pictures of the same thing over each other, with a line to drag. Without it they stand side by side. */

const STEP = 2;
const KEYS = { ArrowLeft: -STEP, ArrowDown: -STEP, ArrowRight: STEP, ArrowUp: STEP, PageDown: -5 * STEP, PageUp: 5 * STEP, Home: -100, End: 100 };

class BeforeAfter extends HTMLElement {
  connectedCallback() {
    this.handle = Object.assign(document.createElement("div"), { className: "handle", tabIndex: 0, role: "slider" });
    for (const [name, value] of Object.entries({ label: this.dataset.label, valuemin: 0, valuemax: 100, orientation: "horizontal" }))
      this.handle.setAttribute(`aria-${name}`, value);
    this.append(this.handle);
    this.listeners = new AbortController();
    const { signal } = this.listeners;
    this.addEventListener("pointerdown", (event) => this.take(event), { signal });
    this.addEventListener("pointermove", (event) => this.hasPointerCapture(event.pointerId) && this.follow(event), { signal });
    this.addEventListener("dragstart", (event) => event.preventDefault(), { signal });
    this.handle.addEventListener("keydown", (event) => this.onKey(event), { signal });
    this.closest("details")?.addEventListener("toggle", (event) => event.target.open && this.handle.focus(), { signal });
    this.classList.add("slides");
    this.show(50);
  }

  disconnectedCallback() {
    this.listeners.abort();
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
    if (!(event.key in KEYS) || event.metaKey || event.ctrlKey || event.altKey) return;
    event.preventDefault();
    event.stopPropagation();
    this.show(this.at + KEYS[event.key]);
  }

  /* `percent` of the width, from the left, shows the picture before. */
  show(percent) {
    this.at = Math.min(100, Math.max(0, percent));
    this.style.setProperty("--at", `${this.at}%`);
    this.handle.setAttribute("aria-valuenow", Math.round(this.at));
    this.handle.setAttribute("aria-valuetext", `${Math.round(this.at)}${this.dataset.value}`);
  }
}

customElements.define("before-after", BeforeAfter);
