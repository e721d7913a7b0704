/* The months of a long gallery along the window's edge: press or drag to go there. */

import { StudioElement } from "../element.js";
import { nameOf, yearOf } from "./months.js";
import { bandsOf } from "./bands.js";
import { sectionAt } from "./layout.js";

// A gallery of fewer windows is scrolled as any page.
const LEAST_WINDOWS = 4;
// Years and months closer together than this, in pixels, would touch each other.
const [YEAR, MONTH] = [26, 7];
// A finger gets the handle while the page moves, and so many milliseconds longer.
const STAYS = 1600;
const STEPS = { ArrowUp: -1, ArrowLeft: -1, ArrowDown: 1, ArrowRight: 1 };
const YEARS = { PageUp: -1, PageDown: 1 };
// A month's heading comes to stand so far below the window's top: the bar covers that much.
const ABOVE = 64;

function tickAt(place, className = "", text = "") {
  const tick = Object.assign(document.createElement("span"), { className, textContent: text });
  tick.style.top = `${place}px`;
  return tick;
}

class StudioScrubber extends StudioElement {
  connect() {
    this.slider = this.querySelector("[role=slider]");
    this.bubble = this.querySelector(".bubble");
    this.ticks = this.querySelector(".ticks");
    this.listen(this.slider, "pointerdown", (event) => this.onDown(event));
    this.listen(this.slider, "pointermove", (event) => this.onMove(event));
    this.listen(this.slider, "pointerup pointercancel", () => this.onUp());
    this.listen(this.slider, "pointerleave", () => this.say(this.at));
    this.listen(this.slider, "keydown", (event) => this.onKey(event));
  }

  get view() {
    return this.parentElement.querySelector("studio-gallery")?.view;
  }

  /* How far the window can move in a layout, in pixels. */
  get way() {
    return this.layout.height - innerHeight;
  }

  /* Draw the months of a layout, and the colours of its pictures if there are any. */
  mark(layout, colours = null) {
    this.layout = layout;
    const { sections } = layout.geometry;
    const isLong = layout.height > LEAST_WINDOWS * innerHeight;
    this.hidden = !isLong || sections.length < 2;
    if (this.hidden) return;
    this.slider.setAttribute("aria-valuemax", sections.length - 1);
    const height = this.slider.getBoundingClientRect().height;
    const room = { year: -YEAR, month: -MONTH, shown: "" };
    const ticks = sections.flatMap(({ key }, index) => this.ticksOf(key, index, height, room));
    this.ticks.replaceChildren(...bandsOf(layout, colours, height), ...ticks);
  }

  /* Return a month's mark, with its year where that is new; none where there is no room. */
  ticksOf(key, index, height, room) {
    const place = Math.min(this.layout.heads[index] / this.way, 1) * height;
    const isYear = yearOf(key) !== room.shown && place - room.year >= YEAR && place < height - YEAR;
    if (!isYear && place - room.month < MONTH) return [];
    room.month = place;
    if (!isYear) return [tickAt(place)];
    [room.year, room.shown] = [place, yearOf(key)];
    return [tickAt(place, "mark"), tickAt(place, "year", room.shown)];
  }

  /* Show where the window stands. */
  point(top) {
    if (this.hidden || !this.layout) return;
    this.at = sectionAt(this.layout, top + innerHeight / 3);
    const share = Math.min(Math.max(top / this.way, 0), 1);
    this.style.setProperty("--share", share);
    this.slider.setAttribute("aria-valuenow", this.at);
    this.slider.setAttribute("aria-valuetext", this.nameAt(this.at));
    if (!this.hovers) this.say(this.at, share);
    if (top === this.top) return;
    if (this.top !== undefined) this.classList.add("moving");
    this.top = top;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.classList.remove("moving"), STAYS);
  }

  nameAt = (index) => nameOf(this.layout.geometry.sections[index].key);

  say(index, share = Number(this.style.getPropertyValue("--share"))) {
    this.hovers = false;
    this.bubble.value = this.nameAt(index);
    this.style.setProperty("--said", share);
  }

  onDown(event) {
    if (event.button) return;
    event.preventDefault();
    if (event.pointerType === "mouse") this.slider.focus({ focusVisible: false });
    this.slider.setPointerCapture(event.pointerId);
    this.classList.add("dragged");
    this.goTo(this.shareAt(event));
  }

  onMove(event) {
    const share = this.shareAt(event);
    if (this.classList.contains("dragged")) this.goTo(share);
    else if (event.pointerType === "mouse") {
      this.say(sectionAt(this.layout, share * this.way + innerHeight / 3), share);
      this.hovers = true;
    }
  }

  onUp() {
    this.classList.remove("dragged");
  }

  shareAt({ clientY }) {
    const { top, height } = this.slider.getBoundingClientRect();
    return Math.min(Math.max((clientY - top) / height, 0), 1);
  }

  goTo(share) {
    this.hovers = false;
    this.view?.jumpTo(share * this.way);
  }

  onKey(event) {
    const { sections } = this.layout.geometry;
    const next = this.nextTo(event.key, sections);
    if (next === null) return;
    event.preventDefault();
    const index = Math.min(Math.max(next, 0), sections.length - 1);
    this.view?.goTo(index ? this.layout.heads[index] - ABOVE : 0);
  }

  nextTo(key, sections) {
    if (key === "Home") return 0;
    if (key === "End") return sections.length - 1;
    if (key in STEPS) return this.at + STEPS[key];
    if (!(key in YEARS)) return null;
    const year = String(Number(yearOf(sections[this.at].key)) - YEARS[key]);
    const found = sections.findIndex((section) => yearOf(section.key) <= year);
    return found < 0 ? sections.length - 1 : found;
  }
}

customElements.define("studio-scrubber", StudioScrubber);
