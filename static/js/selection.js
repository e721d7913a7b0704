/* Select several tiles: Select, x, Ctrl or Shift and a click, Shift and an arrow, a long press. */

import { StudioElement } from "./element.js";
import { isHeldClick } from "./keys.js";
import { count, fillIn } from "./selection/bar.js";
import { Extending } from "./selection/extending.js";
import { actOfKey } from "./selection/keys.js";
import { Kept } from "./selection/kept.js";
import { LongPress } from "./selection/long-press.js";
import { mark, show } from "./selection/marks.js";
import { send } from "./selection/steps.js";

const TILE = ".gallery-rows [data-picture]";

class StudioSelection extends StudioElement {
  connect() {
    this.form = this.querySelector("form");
    this.querySelector("p").hidden = false;
    this.kept = new Kept();
    this.listen(document, "change", () => count(this.form, this.kept));
    if (document.querySelector("[data-ratio] > input[form=selection]")) count(this.form, this.kept);
    else this.takeOver();
  }

  takeOver() {
    // Before the tile follows its link, and before the gallery's own keys.
    const first = { capture: true };
    this.listen(document, "click", (event) => instead(event, this.actionOfClick(event)), first);
    this.listen(document, "keydown", (event) => instead(event, actOfKey(this, event)), first);
    this.listen(document, "submit", (event) => instead(event, this.actionOfForm(event)), first);
    this.press = new LongPress(this, (tile) => this.toggle(tile));
    this.extending = new Extending();
    this.listen(document, "htmx:afterSettle", () => this.onSettle());
    this.listen(document, "select-tile", (event) => this.toggle(event.detail));
    this.listen(document, "tiles-shown laid-out", () => this.onShown());
    if (this.kept.on) this.mark();
  }

  get tiles() {
    return [...document.querySelectorAll(`${TILE}:not([hidden])`)];
  }

  /* Another search is another gallery, with a selection of its own. */
  onSettle() {
    if (!this.kept.isHere) this.kept = new Kept();
    this.mark();
  }

  /* Tiles that were out of view when a selection began or ended still have their old marks. */
  async onShown() {
    this.mark();
    if (await this.kept.follow()) this.mark();
  }

  /* Return what a click does instead of following the tile's link, or null. */
  actionOfClick(event) {
    const { target } = event;
    if (target.closest("[data-menu]")) return () => this.openMenu();
    if (target.closest("[data-all]")) return this.selectAll;
    if (target.closest("[data-select]")) return () => (this.kept.on ? this.leave() : this.enter());
    const tile = target.closest(TILE);
    if (!tile) return null;
    if (this.press.done) return () => (this.press.done = false);
    if (event.shiftKey && this.last) return () => this.toggleTo(this.kept.spotOf(tile));
    return this.kept.on || isHeldClick(event) ? () => this.toggle(tile) : null;
  }

  extension(tile, key) {
    const go = this.extending.step(this.kept, tile, key);
    return go && (() => this.enter(go()));
  }

  actionOfForm({ target, submitter }) {
    const isStep = target === this.form && submitter?.matches("[name=action]:not([data-ask])");
    const isOurs = isStep || target.matches("[data-selection]");
    return isOurs ? () => this.step(target, submitter) : null;
  }

  /* Open the menu of the one selected picture. */
  openMenu() {
    const detail = this.tiles.find((tile) => this.kept.has(tile));
    if (detail) document.dispatchEvent(new CustomEvent("open-tile-menu", { detail }));
  }

  enter(last = this.last) {
    this.last = last;
    this.kept.keep(this.kept.ranges, true);
    this.mark();
  }

  leave() {
    this.kept.keep([], false);
    this.last = null;
    this.extending.forget();
    this.mark();
  }

  selectAll = () => {
    this.kept.setAll();
    this.enter();
  };

  toggle(tile, on = !this.kept.has(tile)) {
    const spot = this.kept.spotOf(tile);
    this.kept.set(spot, spot, on);
    this.enter(spot);
  }

  /* Give all pictures from the last touched one to this one the last one's state. */
  toggleTo(spot) {
    this.kept.set(this.last, spot, this.kept.hasAt(this.last.at));
    this.enter(spot);
  }

  mark() {
    mark(this.tiles, this.kept);
    fillIn(this.form, this.kept);
  }

  async step(form, button) {
    const action = new FormData(form, button).get("action");
    if (!(await send(form, button))) return;
    show(this.tiles.filter((tile) => this.kept.has(tile)), action);
    this.leave();
    this.kept.gallery?.refresh?.();
  }
}

function instead(event, act) {
  if (!act) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  act();
}

customElements.define("studio-selection", StudioSelection);
