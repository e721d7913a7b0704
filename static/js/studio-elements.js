/* The small elements of the studio's form: counter, stepper; the clock of a tile. */

import { connection } from "./connection.js";
import { StudioElement } from "./element.js";

// From this share of the maximum, the counter shows the maximum.
const NEARLY_FULL = 0.8;

class StudioCount extends StudioElement {
  connect() {
    this.field = document.getElementById(this.getAttribute("for"));
    this.listen(this.field, "input", () => this.show());
    this.show();
  }

  show() {
    const length = [...this.field.value].length;
    const most = Number(this.dataset.most);
    const isNear = Boolean(most && length > most * NEARLY_FULL);
    this.textContent = isNear ? `${length} / ${most}` : length || "";
    this.classList.toggle("near", isNear);
    this.classList.toggle("over", Boolean(most && length > most));
  }
}

class StudioStepper extends StudioElement {
  connect() {
    const input = this.querySelector("input");
    for (const button of this.querySelectorAll("button")) {
      this.listen(button, "click", () => step(input, Number(button.dataset.step)));
    }
  }
}

function step(input, by) {
  const wanted = (Number(input.value) || 1) + by;
  input.value = Math.min(Math.max(wanted, input.min), input.max);
  input.dispatchEvent(new Event("change", { bubbles: true }));
}

class StudioClock extends StudioElement {
  connect() {
    // Counts from the server's value, so that a wrong clock of the device has no effect.
    const passed = Number(this.textContent);
    const start = performance.now();
    this.timer = setInterval(() => {
      // The state of a request is unknown while the studio cannot be reached.
      if (connection() && connection() !== "slow") return;
      this.textContent = Math.round(passed + (performance.now() - start) / 1000);
    }, 500);
  }

  disconnect() {
    clearInterval(this.timer);
  }
}

customElements.define("studio-count", StudioCount);
customElements.define("studio-stepper", StudioStepper);
customElements.define("studio-clock", StudioClock);
