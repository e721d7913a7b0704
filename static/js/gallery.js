/* A gallery from the keyboard: arrows move, s shares, Delete throws away with undo, / searches. */

import { address, routeOf } from "./addresses.js";
import { StudioElement } from "./element.js";
import { hasOpenDialog, isChord, isInField, isModified, keyOf } from "./keys.js";
import { remember } from "./place.js";
import { take } from "./toasts.js";
import { comeBack } from "./gallery/returning.js";
import { beside, isArrow, isSideways } from "./gallery/rows.js";

// What a key does with one's own picture.
const OWN = { s: "share", Delete: "trash" };

class StudioGallery extends StudioElement {
  connect() {
    this.byUndo = new Map();
    this.listen(document, "keydown", (event) => this.onKey(event));
    this.listen(document, "submit", (event) => this.onUndo(event));
    this.listen(this, "click", (event) => this.onOpen(event));
    this.listen(window, "pageshow", (event) => comeBack(this, event));
  }

  get tiles() {
    return [...this.querySelectorAll("[data-picture]:not([hidden])")];
  }

  tile(id) {
    return this.querySelector(`[data-picture="${Number(id)}"]`);
  }

  onOpen(event) {
    const tile = event.target.closest("[data-picture]");
    if (tile) remember("last", tile.dataset.picture);
  }

  onKey(event) {
    if (event.defaultPrevented || isModified(event) || isChord(event)) return;
    if (isInField(event) || hasOpenDialog()) return;
    const act = this.actionOf(event);
    if (!act) return;
    event.preventDefault();
    act();
  }

  /* What a key would do here; null when nothing. */
  actionOf(event) {
    const tile = event.target.closest("[data-picture]");
    if (event.key === "/") return () => document.getElementById("q").focus();
    const next = isArrow(event.key) && !event.shiftKey && this.nextTo(tile, event.key);
    if (next) return () => next.focus();
    const own = tile?.matches("[data-mine]") && OWN[keyOf(event)];
    return own ? () => this[own](tile) : null;
  }

  nextTo(tile, key) {
    if (tile) return beside(this.tiles, tile, key);
    if (document.activeElement !== document.body || !isSideways(key)) return null;
    return this.tiles.find((one) => one.getBoundingClientRect().top >= 0);
  }

  trash(tile) {
    return this.putAway(tile, "picture_trash", "picture_restore");
  }

  async share(tile) {
    if (this.matches("[data-team]")) return this.putAway(tile, "picture_private", "picture_share");
    const shared = tile.hasAttribute("data-shared");
    const step = shared ? "picture_private" : "picture_share";
    const done = await take(address(step, tile.dataset.picture));
    if (done) tile.toggleAttribute("data-shared", !shared);
    return done;
  }

  async putAway(tile, action, undo) {
    const id = tile.dataset.picture;
    const tiles = this.tiles;
    const next = beside(tiles, tile, "ArrowRight") ?? beside(tiles, tile, "ArrowLeft");
    tile.hidden = true;
    next?.focus();
    this.byUndo.set(address(undo, id), tile);
    if (await take(address(action, id))) return;
    tile.hidden = false;
    tile.focus();
  }

  /* Undo of something that this page hid: bring the tile back in its place, no new page. */
  async onUndo(event) {
    if (!event.target.closest(".toasts")) return;
    const path = new URL(event.target.action).pathname;
    const { name, number } = routeOf(path);
    const stays = name === "picture_share" || name === "picture_private";
    const tile = this.byUndo.get(path) ?? (stays && this.tile(number));
    if (!tile) return;
    event.preventDefault();
    if (!(await take(path))) return;
    if (stays) tile.toggleAttribute("data-shared", name === "picture_share");
    tile.hidden = false;
    tile.focus();
  }
}

customElements.define("studio-gallery", StudioGallery);
