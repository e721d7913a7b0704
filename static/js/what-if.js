/* What the month would cost if pictures cost more or less, or more or fewer were made. What is
   billed already stays; without script the plain forecast stands. */

import { StudioElement } from "./element.js";

const MICRO = 1_000_000;
const dollars = new Intl.NumberFormat("en-US", { style: "currency", currency: "USD" });

class WhatIf extends StudioElement {
  connect() {
    this.sliders = this.querySelector(".sliders");
    this.listen(this.sliders, "input", () => this.show());
    this.listen(this.querySelector("button"), "click", () => this.reset());
    this.reset();
  }

  reset() {
    for (const slider of this.querySelectorAll("input")) slider.value = 0;
    this.show();
  }

  show() {
    let factor = 1;
    for (const slider of this.querySelectorAll("input")) {
      factor *= 1 + slider.valueAsNumber / 100;
      const said = `${slider.valueAsNumber > 0 ? "+" : ""}${slider.value}%`;
      this.querySelector(`[data-of="${slider.name}"]`).value = slider.value === "0" ? "±0%" : said;
    }
    const billed = Number(this.dataset.billed);
    for (const place of this.querySelectorAll("[data-shows]")) {
      const micros = Number(this.dataset[place.dataset.shows]);
      place.textContent = dollars.format((billed + (micros - billed) * factor) / MICRO);
    }
  }
}

customElements.define("what-if", WhatIf);
