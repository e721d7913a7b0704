/* Several tiles at once: Select, x, Ctrl or Shift and a click, a long press. Without it there are boxes to tick. */

import { post } from "./toasts.js";

const LONG_PRESS = 450;
const STEPS = new Set(["share", "private", "trash"]);

class StudioSelection extends HTMLElement {
  connectedCallback() {
    this.form = this.querySelector("form");
    this.querySelector("p").hidden = false;
    this.picked = new Set();
    this.ticks = document.querySelector("[data-ratio] > input[form=selection]") !== null;
    this.listeners = new AbortController();
    const listen = (name, what, more = {}) =>
      document.addEventListener(name, what.bind(this), { signal: this.listeners.signal, ...more });
    listen("change", this.count);
    if (this.ticks) return this.count();
    // Before the tile follows its link, and before the wall's own keys.
    listen("click", this.onClick, { capture: true });
    listen("keydown", this.onKey, { capture: true });
    listen("submit", this.onSubmit, { capture: true });
    listen("pointerdown", this.onPress);
    for (const name of ["pointerup", "pointercancel", "scroll"]) listen(name, () => clearTimeout(this.pressing), { capture: true });
    listen("contextmenu", (event) => this.pressed && event.preventDefault());
    listen("htmx:afterSettle", this.mark);
    listen("select-tile", (event) => this.toggle(event.detail));
  }

  disconnectedCallback() {
    this.listeners.abort();
  }

  get on() {
    return !this.form.hidden;
  }

  get tiles() {
    return [...document.querySelectorAll(".wall [data-picture]:not([hidden])")];
  }

  onClick(event) {
    if (event.target.closest("[data-select]")) return act(event, () => (this.on ? this.leave() : this.enter()));
    const tile = event.target.closest("[data-picture]");
    if (!tile) return;
    const held = event.ctrlKey || event.metaKey || event.shiftKey;
    if (this.pressed) act(event, () => (this.pressed = false));
    else if (event.shiftKey && this.last) act(event, () => this.toggleTo(tile));
    else if (this.on || held) act(event, () => this.toggle(tile));
  }

  onKey(event) {
    if (event.metaKey || event.ctrlKey || event.altKey || document.querySelector("dialog[open], details[open]")) return;
    const tile = event.target.closest("[data-picture]");
    if (tile && (event.key === "x" || (this.on && event.key === " "))) act(event, () => this.toggle(tile));
    else if (this.on && event.key === "Escape") act(event, () => this.leave());
    else if (this.picked.size && event.key === "Delete") act(event, () => this.step("trash"));
  }

  onPress(event) {
    const tile = event.pointerType === "touch" && event.target.closest("[data-picture]");
    this.pressed = false;
    if (!tile) return;
    this.pressing = setTimeout(() => {
      this.pressed = true;
      this.toggle(tile);
    }, LONG_PRESS);
  }

  onSubmit(event) {
    const step = event.target === this.form && event.submitter?.value;
    if (STEPS.has(step)) act(event, () => this.step(step));
  }

  enter() {
    this.form.hidden = false;
    this.mark();
  }

  leave() {
    this.form.hidden = true;
    this.picked.clear();
    this.last = null;
    this.mark();
  }

  toggle(tile, on = !this.picked.has(tile.dataset.picture)) {
    this.picked[on ? "add" : "delete"](tile.dataset.picture);
    this.last = tile;
    this.enter();
  }

  /* All from the tile that was last touched to this one become as that one is. */
  toggleTo(tile) {
    const tiles = this.tiles;
    const [from, to] = [tiles.indexOf(this.last), tiles.indexOf(tile)].toSorted((one, other) => one - other);
    const on = this.picked.has(this.last.dataset.picture);
    for (const one of from < 0 ? [tile] : tiles.slice(from, to + 1)) this.picked[on ? "add" : "delete"](one.dataset.picture);
    this.last = tile;
    this.enter();
  }

  /* Tiles come and go with the pages of the wall; what is picked stays picked. */
  mark() {
    for (const tile of this.tiles) {
      if (this.on) {
        tile.setAttribute("role", "checkbox");
        tile.setAttribute("aria-checked", this.picked.has(tile.dataset.picture));
      } else for (const name of ["role", "aria-checked"]) tile.removeAttribute(name);
    }
    for (const old of this.form.querySelectorAll("[name=ids]")) old.remove();
    for (const value of this.picked) this.form.append(Object.assign(document.createElement("input"), { type: "hidden", name: "ids", value }));
    this.count();
  }

  count() {
    const ids = new FormData(this.form).getAll("ids");
    this.querySelector("output").value = ids.length;
    for (const button of this.form.querySelectorAll("button")) button.disabled = !ids.length;
  }

  async step(action) {
    const data = new URLSearchParams([["action", action], ...[...this.picked].map((id) => ["ids", id])]);
    if (!(await post(this.form.getAttribute("action"), data))) return;
    for (const tile of this.tiles.filter((one) => this.picked.has(one.dataset.picture))) {
      if (action === "trash") tile.hidden = true;
      else tile.toggleAttribute("data-shared", action === "share");
    }
    this.leave();
  }
}

function act(event, what) {
  event.preventDefault();
  event.stopImmediatePropagation();
  what();
}

customElements.define("studio-selection", StudioSelection);
