/* Select several tiles: Select, x, Ctrl or Shift and a click, a long press. */

import { StudioElement } from "./element.js";
import { isHeldClick, isModified, keyOf } from "./keys.js";
import { LongPress } from "./selection/long-press.js";
import { take } from "./toasts.js";

const STEPS = new Set(["share", "private", "trash"]);

class StudioSelection extends StudioElement {
  connect() {
    this.form = this.querySelector("form");
    this.querySelector("p").hidden = false;
    this.selected = new Set();
    this.listen(document, "change", () => this.count());
    if (document.querySelector("[data-ratio] > input[form=selection]")) this.count();
    else this.takeOver();
  }

  takeOver() {
    // Before the tile follows its link, and before the gallery's own keys.
    const first = { capture: true };
    this.listen(document, "click", (event) => this.onClick(event), first);
    this.listen(document, "keydown", (event) => this.onKey(event), first);
    this.listen(document, "submit", (event) => this.onSubmit(event), first);
    this.press = new LongPress(this, (tile) => this.toggle(tile));
    this.listen(document, "htmx:afterSettle", () => this.mark());
    this.listen(document, "select-tile", (event) => this.toggle(event.detail));
  }

  get on() {
    return !this.form.hidden;
  }

  get tiles() {
    return [...document.querySelectorAll(".gallery-rows [data-picture]:not([hidden])")];
  }

  onClick(event) {
    const act = this.actionOfClick(event);
    if (act) instead(event, act);
  }

  /* Return what a click does instead of following the tile's link, or null. */
  actionOfClick(event) {
    if (event.target.closest("[data-menu]")) return () => this.openMenu();
    if (event.target.closest("[data-select]")) return () => (this.on ? this.leave() : this.enter());
    const tile = event.target.closest("[data-picture]");
    if (!tile) return null;
    if (this.press.done) return () => (this.press.done = false);
    if (event.shiftKey && this.last) return () => this.toggleTo(tile);
    return this.on || isHeldClick(event) ? () => this.toggle(tile) : null;
  }

  onKey(event) {
    if (isModified(event) || document.querySelector("dialog[open], details[open]")) return;
    const act = this.actionOfKey(keyOf(event), event.target.closest("[data-picture]"));
    if (act) instead(event, act);
  }

  actionOfKey(key, tile) {
    if (tile && (key === "x" || (this.on && key === " "))) return () => this.toggle(tile);
    if (this.on && key === "Escape") return () => this.leave();
    return this.selected.size && key === "Delete" ? () => this.step("trash") : null;
  }

  onSubmit(event) {
    const step = event.target === this.form && event.submitter?.value;
    if (STEPS.has(step)) instead(event, () => this.step(step));
  }

  /* Open the menu of the one selected picture. */
  openMenu() {
    const detail = this.tiles.find((tile) => this.selected.has(tile.dataset.picture));
    document.dispatchEvent(new CustomEvent("open-tile-menu", { detail }));
  }

  enter() {
    this.form.hidden = false;
    this.mark();
  }

  leave() {
    this.form.hidden = true;
    this.selected.clear();
    this.last = null;
    this.mark();
  }

  toggle(tile, on = !this.selected.has(tile.dataset.picture)) {
    this.selected[on ? "add" : "delete"](tile.dataset.picture);
    this.last = tile;
    this.enter();
  }

  /* Give all tiles from the last touched one to this one the last one's state. */
  toggleTo(tile) {
    const tiles = this.tiles;
    const ends = [tiles.indexOf(this.last), tiles.indexOf(tile)];
    const [from, to] = ends.toSorted((one, other) => one - other);
    const step = this.selected.has(this.last.dataset.picture) ? "add" : "delete";
    const between = from < 0 ? [tile] : tiles.slice(from, to + 1);
    for (const one of between) this.selected[step](one.dataset.picture);
    this.last = tile;
    this.enter();
  }

  /* Mark the selected tiles: tiles come and go with the gallery's pages, the selection stays. */
  mark() {
    for (const tile of this.tiles) {
      if (this.on) {
        tile.setAttribute("role", "checkbox");
        tile.setAttribute("aria-checked", this.selected.has(tile.dataset.picture));
      } else for (const name of ["role", "aria-checked"]) tile.removeAttribute(name);
    }
    for (const old of this.form.querySelectorAll("[name=ids]")) old.remove();
    this.form.append(...Array.from(this.selected, hiddenId));
    this.form.querySelector("[data-menu]").hidden = this.selected.size !== 1;
    this.count();
  }

  count() {
    const ids = new FormData(this.form).getAll("ids");
    this.querySelector("output").value = ids.length;
    for (const button of this.form.querySelectorAll("button")) button.disabled = !ids.length;
  }

  async step(action) {
    const data = new URLSearchParams({ action });
    for (const id of this.selected) data.append("ids", id);
    if (!(await take(this.form.getAttribute("action"), data))) return;
    for (const tile of this.tiles) {
      if (!this.selected.has(tile.dataset.picture)) continue;
      if (action === "trash") tile.hidden = true;
      else tile.toggleAttribute("data-shared", action === "share");
    }
    this.leave();
  }
}

const hiddenId = (value) =>
  Object.assign(document.createElement("input"), { type: "hidden", name: "ids", value });

function instead(event, act) {
  event.preventDefault();
  event.stopImmediatePropagation();
  act();
}

customElements.define("studio-selection", StudioSelection);
