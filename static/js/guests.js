/* Arrow keys and swipes lead to the next picture of a guest link, Escape back to all of them. The
   links of the page do the same without script. */

import { StudioElement } from "./element.js";
import { isInText, isModified } from "./keys.js";
import { directionOf } from "./picture/pointers.js";

const TARGETS = { ArrowLeft: "[rel=prev]", ArrowRight: "[rel=next]", Escape: "[data-back]" };
const TURNED = { ArrowLeft: "ArrowRight", ArrowRight: "ArrowLeft" };

class GuestPicture extends StudioElement {
  connect() {
    this.listen(document, "keydown", (event) => this.onKey(event));
    const stage = this.querySelector(".canvas");
    this.listen(stage, "touchstart", ({ touches }) => this.onTouch(touches));
    this.listen(stage, "touchend", ({ changedTouches }) => this.onLift(changedTouches));
  }

  onKey(event) {
    if (isModified(event) || isInText(event)) return;
    const rightToLeft = getComputedStyle(this).direction === "rtl";
    this.go(TARGETS[(rightToLeft && TURNED[event.key]) || event.key]);
  }

  /* Two fingers zoom, and a page that is zoomed in is moved by one. */
  onTouch(touches) {
    const zoomed = (window.visualViewport?.scale ?? 1) > 1;
    this.from = touches.length === 1 && !zoomed ? touches[0] : null;
  }

  onLift([touch]) {
    if (!this.from) return;
    const across = touch.clientX - this.from.clientX;
    const down = touch.clientY - this.from.clientY;
    if (Math.abs(across) <= Math.abs(down)) return;
    this.go(`[rel="${directionOf(across, this.offsetWidth)}"]`);
  }

  go(target) {
    const link = target && this.querySelector(target);
    if (link) location.assign(link.href);
  }
}

customElements.define("guest-picture", GuestPicture);
