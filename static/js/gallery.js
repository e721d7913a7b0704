/* A gallery in its whole length, with only what is near the window on the page; and its keys:
   arrows move, s shares, Delete trashes with undo, / searches. */

import { StudioElement } from "./element.js";
import { leaves, restore, share, trash } from "./gallery/acts.js";
import { colour } from "./gallery/colours.js";
import "./gallery/jump.js";
import { fetchPlace, keepSpot } from "./gallery/places.js";
import { renew } from "./gallery/renewing.js";
import { moveOf } from "./gallery/rows.js";
import "./gallery/scrubber.js";
import { unroll } from "./gallery/unrolling.js";
import { hasOpenDialog, isChord, isInField, isModified, keyOf } from "./keys.js";
import { remember } from "./place.js";

// What a key does with one's own picture.
const OWN = { s: "share", Delete: "trash" };
// Changes within so many milliseconds lead to one look at the gallery.
const TOGETHER = 150;

class StudioGallery extends StudioElement {
  connect() {
    this.view = null;
    this.listen(document, "keydown", (event) => this.onKey(event));
    this.listen(document, "picture-changed", (event) => this.onChanged(event.detail));
    this.listen(document, "viewer-closed", (event) => this.show(event.detail.id));
    this.listen(this, "click", (event) => this.onOpen(event));
    this.listen(this, "submit", (event) => restore(this, event));
    this.listen(this, "rested", () => this.view && keepSpot(this.view));
    this.listen(window, "scroll", () => this.view?.onScroll());
    this.listen(window, "resize", () => this.view?.draw());
    this.listen(window, "pageshow", (event) => event.persisted && this.refresh());
    this.listen(window, "online", () => this.view?.windows.retry());
    this.watch = new ResizeObserver(() => this.view?.onResize());
    this.watch.observe(this);
    if (this.dataset.geometry && this.tiles.length) this.unroll();
  }

  disconnect() {
    this.view?.windows.stop();
    this.watch.disconnect();
    clearTimeout(this.timer);
  }

  async unroll() {
    this.view = await unroll(this);
    if (this.view) this.tell("laid-out");
    await colour(this);
  }

  /* The number of pictures; of those on the page where there is no view. */
  get count() {
    return this.view?.count ?? this.tiles.length;
  }

  get tiles() {
    return [...this.querySelectorAll("[data-picture]:not([hidden])")];
  }

  get scrubber() {
    return this.parentElement?.querySelector("studio-scrubber");
  }

  tile(id) {
    const ordinal = this.ordinalOf(id);
    if (ordinal !== null) return this.view.tiles.get(ordinal);
    return this.querySelector(`[data-picture="${Number(id)}"]`);
  }

  /* Return the place of a picture in the whole gallery if its tile is loaded, else null. */
  ordinalOf(id) {
    for (const [ordinal, tile] of this.view?.tiles ?? []) {
      if (tile.dataset.picture === String(id)) return ordinal;
    }
    return null;
  }

  /* Return the id of the picture at a place if its tile is loaded, else null. */
  idAt(ordinal) {
    return Number(this.view?.tiles.get(ordinal)?.dataset.picture) || null;
  }

  tell(name, detail = {}) {
    this.dispatchEvent(new CustomEvent(name, { bubbles: true, detail }));
  }

  /* Bring a picture into view and give it the focus. */
  async show(id, view = this.view) {
    const asked = () => fetchPlace(this, { picture: id });
    const ordinal = this.ordinalOf(id) ?? (view && (await asked())?.ordinal) ?? null;
    if (ordinal !== null) view?.focus(ordinal, { focusVisible: false });
  }

  /* Look whether the gallery has changed; its first picture in view stays where it is. */
  refresh() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.renew(), TOGETHER);
  }

  async renew() {
    if (!this.view) return;
    const { restored } = this;
    await (this.renewing ??= renew(this.view));
    this.renewing = null;
    await colour(this);
    if (restored && !hasOpenDialog()) this.show(restored);
    if (this.restored === restored) this.restored = 0;
  }

  share = (tile) => share(this, tile);

  trash = (tile) => trash(this, tile);

  /* A tile that left this gallery and came back by undo reappears in its old place. */
  onChanged({ id, ...change }) {
    const tile = this.tile(id);
    const left = leaves(this, change);
    if (tile && left !== undefined) tile.hidden = left;
    if (left === false) this.restored = id;
    this.refresh();
    if (tile && !tile.hidden && !hasOpenDialog()) tile.focus();
  }

  /* The place is written down before the viewer adds to the history. */
  onOpen(event) {
    const tile = event.target.closest("[data-picture]");
    if (!tile) return;
    remember("last", tile.dataset.picture);
    if (this.view) keepSpot(this.view);
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
    if (event.key === "/") return () => document.getElementById("q").focus();
    const tile = event.target.closest("[data-picture]");
    const own = !event.repeat && tile?.matches("[data-mine]") && OWN[keyOf(event)];
    return own ? () => this[own](tile) : moveOf(this, event);
  }
}

customElements.define("studio-gallery", StudioGallery);
