/* Go to a day of a gallery. */

import { StudioElement } from "../element.js";
import { fetchPlace } from "./places.js";

class StudioJump extends StudioElement {
  connect() {
    this.listen(document, "laid-out", () => this.offer());
    this.listen(this, "submit", (event) => this.onSubmit(event));
    this.offer();
  }

  get gallery() {
    return document.querySelector("studio-gallery");
  }

  offer() {
    const sections = this.gallery?.view?.geometry.sections ?? [];
    if (!sections[0]?.key) return;
    const [newest, oldest] = [sections[0].key, sections.at(-1).key];
    Object.assign(this.querySelector("input"), { min: `${oldest}-01`, max: lastDayOf(newest) });
  }

  async onSubmit(event) {
    event.preventDefault();
    const { gallery } = this;
    const day = this.querySelector("input").value;
    const place = gallery?.view && (await fetchPlace(gallery, { day }));
    if (!place) return;
    this.querySelector("details").open = false;
    gallery.view.focus(place.ordinal);
  }
}

function lastDayOf(key) {
  const [year, month] = key.split("-").map(Number);
  return new Date(Date.UTC(year, month, 0)).toISOString().slice(0, 10);
}

customElements.define("studio-jump", StudioJump);
