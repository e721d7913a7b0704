/* The picture page from the keyboard, zoom into the original, long prompts folded. */

import { routeOf } from "./addresses.js";
import { copyWith, mayCopy, showCopied } from "./copy.js";
import { StudioElement } from "./element.js";
import { isChord, isHeldClick, isInField, isModified, keyOf } from "./keys.js";
import { recall, remember } from "./place.js";

const KEYS = {
  ArrowLeft: (page, event) => page.step(event, page.querySelector("[rel=prev]")),
  ArrowRight: (page, event) => page.step(event, page.querySelector("[rel=next]")),
  Escape: (page, event) => page.leave(event),
  Delete: (page) => page.querySelector("[data-trash]")?.requestSubmit(),
  z: (page, event) => page.zoom(event),
  e: (page) => page.querySelector("[data-edit]")?.click(),
  s: (page) => page.querySelector("[data-share]")?.requestSubmit(),
};
KEYS.k = KEYS.ArrowLeft;
KEYS.j = KEYS.ArrowRight;
// How long a button says that it copied.
const SAYS_COPIED = 2000;

const gone = () => recall("gone", "").split(" ").filter(Number);

class StudioPicture extends StudioElement {
  connect() {
    remember("last", this.dataset.id);
    // It is there: restored, or the studio did not agree to delete it.
    remember("gone", gone().filter((id) => id !== this.dataset.id).join(" "));
    this.rememberOrigin();
    this.listen(document, "keydown", (event) => this.onKey(event));
    this.listen(this, "click", (event) => this.onClick(event));
    this.listen(this, "submit", (event) => this.onSubmit(event));
    const next = this.querySelector("[data-preview]");
    if (next) new Image().src = next.dataset.preview;
  }

  /* Steps replace this page in the history: one step back is always where they began. */
  rememberOrigin() {
    const cameFrom = document.referrer && new URL(document.referrer);
    const inside = cameFrom && cameFrom.origin === location.origin;
    if (inside && routeOf(cameFrom.pathname).name === "picture") return;
    remember("origin", inside ? cameFrom.pathname : "");
  }

  onKey(event) {
    if (event.defaultPrevented || isModified(event) || event.shiftKey || isChord(event)) return;
    if (isInField(event) || document.querySelector("dialog[open], details[open]")) return;
    KEYS[keyOf(event)]?.(this, event);
  }

  onClick(event) {
    if (isHeldClick(event) || event.button) return;
    const on = (selector) => event.target.closest(selector);
    if (on("[data-zoom]")) this.zoom(event);
    else if (on("[rel=prev], [rel=next]")) this.step(event, on("a"));
    else if (on("[data-back]")) this.leave(event);
    else if (on(".ground")) on("dialog").close();
  }

  onSubmit(event) {
    if (!event.target.matches("[data-trash]")) return;
    remember("gone", [...gone(), this.dataset.id].join(" "));
  }

  step(event, link) {
    if (!link) return;
    event.preventDefault();
    location.replace(link.href);
  }

  leave(event) {
    event.preventDefault();
    if (recall("origin", "") && history.length > 1) history.back();
    else location.assign(this.querySelector("[data-back]").href);
  }

  /* Shows the original at its own size, with the clicked point in the middle. */
  zoom(event) {
    const link = this.querySelector("[data-zoom]");
    if (!link) return;
    event.preventDefault();
    const dialog = this.querySelector("[data-zoomed]");
    const ground = dialog.querySelector(".ground");
    const shown = link.querySelector("img");
    const [across, down] = event.detail ? shareOf(shown, event) : [0.5, 0.5];
    const image = Object.assign(new Image(), { src: link.href, alt: shown.alt });
    image.width = shown.getAttribute("width");
    image.height = shown.getAttribute("height");
    ground.replaceChildren(image);
    dialog.showModal();
    ground.focus();
    const left = image.width * across - ground.clientWidth / 2;
    ground.scrollTo(left, image.height * down - ground.clientHeight / 2);
  }
}

/* How far across and down an element a click was, 0 to 1. */
function shareOf(element, event) {
  const box = element.getBoundingClientRect();
  return [(event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height];
}

class StudioPrompt extends StudioElement {
  connect() {
    const button = this.querySelector("[data-copy]");
    if (mayCopy()) button.hidden = false;
    this.listen(button, "click", () => this.copy(button));
    this.fold();
  }

  fold() {
    const text = this.querySelector("p");
    const unfold = this.querySelector("[data-unfold]");
    this.classList.add("folded");
    unfold.hidden = text.scrollHeight <= text.clientHeight + 4;
    this.listen(unfold, "click", () => {
      const folded = this.classList.toggle("folded");
      unfold.setAttribute("aria-expanded", String(!folded));
    });
  }

  async copy(button) {
    await copyWith(button, this.querySelector("p").textContent);
    setTimeout(() => showCopied(button, false), SAYS_COPIED);
  }
}

customElements.define("studio-picture", StudioPicture);
customElements.define("studio-prompt", StudioPrompt);
