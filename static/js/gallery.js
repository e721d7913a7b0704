/* Keyboard control of a gallery: arrows move, s shares, Delete trashes with undo, / searches. */

import { StudioElement } from "./element.js";
import { hasOpenDialog, isChord, isInField, isModified, keyOf } from "./keys.js";
import { step } from "./picture/steps.js";
import { remember } from "./place.js";
import { comeBack } from "./gallery/returning.js";
import { beside, isArrow, isSideways } from "./gallery/rows.js";

// What a key does with one's own picture.
const OWN = { s: "share", Delete: "trash" };

class StudioGallery extends StudioElement {
  connect() {
    this.listen(document, "keydown", (event) => this.onKey(event));
    this.listen(document, "picture-changed", (event) => this.onChanged(event.detail));
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

  /* Return what a key does here, or null. */
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
    return this.putAway(tile, "picture_trash");
  }

  share(tile) {
    if (this.matches("[data-team]")) return this.putAway(tile, "picture_private");
    const name = tile.hasAttribute("data-shared") ? "picture_private" : "picture_share";
    return step(name, tile.dataset.picture);
  }

  async putAway(tile, name) {
    const { tiles } = this;
    const next = beside(tiles, tile, "ArrowRight") ?? beside(tiles, tile, "ArrowLeft");
    tile.hidden = true;
    next?.focus();
    if (await step(name, tile.dataset.picture)) return;
    tile.hidden = false;
    tile.focus();
  }

  /* A tile that left this gallery and came back by undo reappears in its old place. */
  onChanged({ id, shared, gone }) {
    const tile = this.tile(id);
    if (!tile) return;
    if (gone !== undefined) tile.hidden = gone;
    if (shared !== undefined && this.matches("[data-team]")) tile.hidden = !shared;
    if (!tile.hidden && !hasOpenDialog()) tile.focus();
  }
}

customElements.define("studio-gallery", StudioGallery);
