/* One menu for all tiles: it stands on the tile under the pointer or the focus. */

import { address } from "./addresses.js";
import { StudioElement } from "./element.js";
import { isModified, keyOf } from "./keys.js";

const MARGIN = 8;
const TILE = ".gallery-rows [data-picture]:not([role=checkbox])";

class StudioTileMenu extends StudioElement {
  connect() {
    this.menu = this.querySelector("details");
    this.panel = this.querySelector(".panel");
    this.listen(this.menu, "toggle", () => this.fit());
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
    this.querySelector("a:not([hidden])").focus({ preventScroll: true });
  }

  put(tile) {
    this.tile = tile;
    this.menu.hidden = !tile;
    this.menu.open = false;
    if (!tile) return;
    const [box, around] = [tile, this.offsetParent].map((one) => one.getBoundingClientRect());
    this.menu.style.top = `${box.top - around.top}px`;
    this.menu.style.left = `${box.right - around.left}px`;
    this.name(tile);
  }

  /* Bring the whole open panel into sight, wherever its tile lies. */
  fit() {
    if (!this.menu.open) return;
    this.panel.style.translate = "";
    const { left, right } = this.panel.getBoundingClientRect();
    const width = document.documentElement.clientWidth;
    const by = Math.min(0, width - MARGIN - right) || Math.max(0, MARGIN - left);
    this.panel.style.translate = `${by}px 0`;
    this.panel.scrollIntoView({ block: "nearest" });
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
