/* The picture page from the keyboard, zoom into the original, long prompts folded. Without it every part is a link. */

import { routeOf } from "./addresses.js";
import { recall, remember } from "./place.js";

const KEYS = { ArrowLeft: "[rel=prev]", k: "[rel=prev]", ArrowRight: "[rel=next]", j: "[rel=next]" };

const typing = (target) => target.closest("input, textarea, select, [contenteditable]");

class StudioPicture extends HTMLElement {
  connectedCallback() {
    remember("last", this.dataset.id);
    // Steps replace this page in the history, so one step back is always where they began.
    const came_from = document.referrer && new URL(document.referrer);
    const inside = came_from && came_from.origin === location.origin;
    if (!inside || routeOf(came_from.pathname).name !== "picture") remember("origin", inside ? came_from.pathname : "");
    this.listeners = new AbortController();
    const { signal } = this.listeners;
    document.addEventListener("keydown", (event) => this.onKey(event), { signal });
    this.addEventListener("click", (event) => this.onClick(event), { signal });
    this.addEventListener("submit", (event) => this.onSubmit(event), { signal });
    const next = this.querySelector("[data-preview]");
    if (next) new Image().src = next.dataset.preview;
  }

  disconnectedCallback() {
    this.listeners.abort();
  }

  onKey(event) {
    const after_g = this.went && event.timeStamp - this.went < 1200;
    this.went = event.key === "g" ? event.timeStamp : 0;
    if (event.defaultPrevented || event.metaKey || event.ctrlKey || event.altKey || event.shiftKey || after_g) return;
    if (typing(event.target)) return;
    if (document.querySelector("dialog[open], details[open]")) return;
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    if (KEYS[key]) this.step(event, this.querySelector(KEYS[key]));
    else if (key === "Escape") this.leave(event);
    else if (key === "z") this.zoom(event);
    else if (key === "e") this.querySelector("[data-edit]").click();
    else if (key === "s") this.querySelector("[data-share]")?.requestSubmit();
    else if (key === "Delete") this.querySelector("[data-trash]")?.requestSubmit();
  }

  onClick(event) {
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.button) return;
    if (event.target.closest("[data-zoom]")) this.zoom(event);
    else if (event.target.closest("[rel=prev], [rel=next]")) this.step(event, event.target.closest("a"));
    else if (event.target.closest("[data-back]")) this.leave(event);
    else if (event.target.closest(".ground")) event.target.closest("dialog").close();
  }

  onSubmit(event) {
    if (event.target.matches("[data-trash]")) remember("gone", `${recall("gone", "")} ${this.dataset.id}`.trim());
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
  async zoom(event) {
    event.preventDefault();
    const dialog = this.querySelector("[data-zoomed]");
    const ground = dialog.querySelector(".ground");
    const shown = this.querySelector("[data-zoom] img");
    const box = shown.getBoundingClientRect();
    const at = event.detail ? [(event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height] : [0.5, 0.5];
    const image = Object.assign(new Image(shown.width, shown.height), { src: this.querySelector("[data-zoom]").href, alt: shown.alt });
    image.width = shown.getAttribute("width");
    image.height = shown.getAttribute("height");
    ground.replaceChildren(image);
    dialog.showModal();
    ground.focus();
    ground.scrollTo(image.width * at[0] - ground.clientWidth / 2, image.height * at[1] - ground.clientHeight / 2);
  }
}

class StudioPrompt extends HTMLElement {
  connectedCallback() {
    const copy = this.querySelector("[data-copy]");
    if (navigator.clipboard) copy.hidden = false;
    copy.addEventListener("click", () => this.copy(copy));
    this.fold();
  }

  fold() {
    const text = this.querySelector("p");
    const unfold = this.querySelector("[data-unfold]");
    this.classList.add("folded");
    unfold.hidden = text.scrollHeight <= text.clientHeight + 4;
    unfold.addEventListener("click", () => {
      const folded = this.classList.toggle("folded");
      unfold.setAttribute("aria-expanded", String(!folded));
    });
  }

  async copy(button) {
    await navigator.clipboard.writeText(this.querySelector("p").textContent);
    const [idle, done] = button.querySelectorAll("span");
    [idle.hidden, done.hidden] = [true, false];
    setTimeout(() => ([idle.hidden, done.hidden] = [false, true]), 2000);
  }
}

customElements.define("studio-picture", StudioPicture);
customElements.define("studio-prompt", StudioPrompt);
