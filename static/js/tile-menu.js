/* One menu for all tiles: it stands on the tile under the pointer or the focus. */

import { address } from "./addresses.js";
import { StudioElement } from "./element.js";
import { isModified, keyOf } from "./keys.js";

const TILE = ".gallery-rows [data-picture]:not([role=checkbox])";
// Nearer to the left edge than the menu is wide, it opens rightward.
const ROOM = 260;

class StudioTileMenu extends StudioElement {
  connect() {
    this.menu = this.querySelector("details");
    this.listen(document, "pointerover", (event) => this.onOver(event));
    this.listen(document, "keydown", (event) => this.onKey(event));
    this.listen(document, "htmx:beforeSwap", () => this.put(null));
    this.listen(this, "click", (event) => this.onClick(event));
  }

  onOver(event) {
    if (event.pointerType !== "mouse" || this.menu.open || this.contains(event.target)) return;
    this.put(event.target.closest(TILE));
  }

  onKey(event) {
    const tile = event.target.closest(TILE);
    if (!tile || keyOf(event) !== "m" || isModified(event)) return;
    this.put(tile);
    this.menu.open = true;
    this.querySelector("a:not([hidden])").focus();
  }

  put(tile) {
    this.tile = tile;
    this.menu.hidden = !tile;
    this.menu.open = false;
    if (!tile) return;
    const [box, around] = [tile, this.offsetParent].map((one) => one.getBoundingClientRect());
    this.menu.style.top = `${box.top - around.top}px`;
    this.menu.style.left = `${box.right - around.left}px`;
    this.menu.classList.toggle("rightward", box.right < ROOM);
    this.name(tile);
  }

  name(tile) {
    const id = tile.dataset.picture;
    for (const link of this.querySelectorAll("[data-route]")) {
      link.href = address(link.dataset.route, id) + (link.dataset.query ?? "");
    }
    this.querySelector("[data-edits]").href = `${address("studio")}?edit=${id}`;
    const mine = tile.hasAttribute("data-mine");
    for (const button of this.querySelectorAll("[data-own]")) button.hidden = !mine;
    const undrawn = tile.hasAttribute("data-undrawn");
    for (const link of this.querySelectorAll("[data-drawn]")) link.hidden = undrawn;
  }

  onClick(event) {
    const what = event.target.closest("[data-do]")?.dataset.do;
    if (event.target.closest(".panel")) this.menu.open = false;
    if (!what) return;
    const gallery = document.querySelector("studio-gallery");
    if (what === "select")
      document.dispatchEvent(new CustomEvent("select-tile", { detail: this.tile }));
    else gallery[what](this.tile);
    this.put(null);
  }
}

customElements.define("studio-tile-menu", StudioTileMenu);
