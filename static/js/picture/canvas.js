/* A picture in its box: fitted or at full size, wheel, pinch, pan; a swipe leads to the next. */

import { StudioElement } from "../element.js";
import { isHeldClick } from "../keys.js";
import "./copying.js";
import { directionOf, Pointers } from "./pointers.js";
import { FIT, fullScale, moved, scaled } from "./zoom.js";

const STEP = 1.5;
// How many pixels of wheel movement double a picture; a pinch on a touchpad counts more.
const WHEEL = 360;
const PAD = 100;
// Two taps within this time, in milliseconds, are a double tap.
const DOUBLE_TAP = 300;

class StudioCanvas extends StudioElement {
  connect() {
    [this.link, this.image] = this.querySelectorAll("a, img");
    [this.view, this.tapped] = [FIT, -DOUBLE_TAP];
    this.controls = this.parentElement.querySelector(".zoom");
    this.controls.hidden = false;
    this.pointers = new Pointers(this);
    this.listen(this, "click", (event) => this.onClick(event));
    this.listen(this, "wheel", (event) => this.onWheel(event), { passive: false });
    this.listen(this.controls, "click", (event) => this.onControl(event));
    this.watch = new ResizeObserver(() => this.show(moved(this.view, this.sizes, 0, 0)));
    this.watch.observe(this);
  }

  disconnect() {
    this.watch.disconnect();
  }

  get sizes() {
    const own = Number(this.image.getAttribute("width"));
    return { box: sizeOf(this), fits: sizeOf(this.image), own };
  }

  get isZoomed() {
    return this.view.scale > 1;
  }

  /* Zoom to the original's own pixels at a point, or from there back to the fit. */
  toggle(point) {
    this.settle();
    if (this.isZoomed) this.show(FIT);
    else this.show(scaled(this.view, this.sizes, Math.max(fullScale(this.sizes), STEP), point));
  }

  fit() {
    this.settle();
    this.show(FIT);
  }

  zoomBy(steps) {
    this.settle();
    this.show(scaled(this.view, this.sizes, this.view.scale * STEP ** steps));
  }

  moveBy(across, down) {
    this.classList.remove("settles");
    this.show(moved(this.view, this.sizes, across, down));
  }

  pinchBy(factor, place) {
    this.classList.remove("settles");
    this.show(scaled(this.view, this.sizes, this.view.scale * factor, this.pointAt(place)));
  }

  wipeBy(across) {
    this.classList.remove("settles");
    this.link.style.transform = `translateX(${across}px)`;
  }

  wiped(across) {
    this.settle();
    this.show(this.view);
    const detail = directionOf(across, this.offsetWidth);
    if (detail) this.dispatchEvent(new CustomEvent("wiped", { bubbles: true, detail }));
  }

  show(view) {
    this.view = view;
    const { scale, x, y } = view;
    this.link.style.transform = scale > 1 ? `translate(${x}px, ${y}px) scale(${scale})` : "";
    this.classList.toggle("zoomed", this.isZoomed);
    const percent = Math.round((scale / fullScale(this.sizes)) * 100);
    this.controls.querySelector("output").value = `${percent} %`;
    if (this.isZoomed) this.sharpen();
  }

  /* Load the original instead of the rendition when zoomed in. */
  sharpen() {
    if (this.original || this.image.src === this.link.href) return;
    this.original = Object.assign(new Image(), { src: this.link.href });
    this.listen(this.original, "load", () => (this.image.src = this.original.src));
  }

  settle() {
    this.classList.add("settles");
  }

  /* Convert a window position to one measured from the middle of the box. */
  pointAt([across, down]) {
    const box = this.getBoundingClientRect();
    return [across - box.left - box.width / 2, down - box.top - box.height / 2];
  }

  onClick(event) {
    if (isHeldClick(event) || event.button) return;
    const onPicture = event.target.closest("[data-zoom]");
    if (onPicture) event.preventDefault();
    if (this.pointers.dragged && event.detail) event.stopPropagation();
    else if (onPicture && this.isMeant(event)) {
      this.toggle(event.detail ? this.pointAt([event.clientX, event.clientY]) : [0, 0]);
    }
  }

  /* Return whether to zoom: at once for a mouse or key, at the second tap for a finger. */
  isMeant(event) {
    if (event.pointerType !== "touch") return true;
    const isSecond = event.timeStamp - this.tapped < DOUBLE_TAP;
    this.tapped = isSecond ? -DOUBLE_TAP : event.timeStamp;
    return isSecond;
  }

  /* On the picture's own page the wheel scrolls while nothing is zoomed. */
  onWheel(event) {
    if (!event.ctrlKey && !this.closest("dialog") && !this.isZoomed) return;
    event.preventDefault();
    const turned = event.deltaY * (event.deltaMode ? 16 : 1);
    this.pinchBy(2 ** (-turned / (event.ctrlKey ? PAD : WHEEL)), [event.clientX, event.clientY]);
  }

  onControl(event) {
    const button = event.target.closest("[data-zoom-by], [data-zoom-full]");
    if (button?.dataset.zoomBy) this.zoomBy(Number(button.dataset.zoomBy));
    else if (button) this.toggle();
  }
}

const sizeOf = (part) => ({ width: part.offsetWidth || 1, height: part.offsetHeight || 1 });

customElements.define("studio-canvas", StudioCanvas);
