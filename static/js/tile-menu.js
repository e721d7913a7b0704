/* One menu for all tiles: it stands on the tile under the pointer or the focus. */

import { address } from "./addresses.js";

class StudioTileMenu extends HTMLElement {
  connectedCallback() {
    this.menu = this.querySelector("details");
    this.listeners = new AbortController();
    const { signal } = this.listeners;
    document.addEventListener("pointerover", (event) => event.pointerType === "mouse" && this.onOver(event), { signal });
    document.addEventListener("keydown", (event) => this.onKey(event), { signal });
    document.addEventListener("htmx:beforeSwap", () => this.put(null), { signal });
    this.addEventListener("click", (event) => this.onClick(event), { signal });
  }

  disconnectedCallback() {
    this.listeners.abort();
  }

  onOver(event) {
    if (this.menu.open || this.contains(event.target)) return;
    this.put(event.target.closest(".wall [data-picture]:not([role=checkbox])"));
  }

  onKey(event) {
    const tile = event.target.closest(".wall [data-picture]:not([role=checkbox])");
    if (!tile || event.key !== "m" || event.metaKey || event.ctrlKey || event.altKey) return;
    this.put(tile);
    this.menu.open = true;
    this.querySelector("a").focus();
  }

  put(tile) {
    this.tile = tile;
    this.menu.hidden = !tile;
    this.menu.open = false;
    if (!tile) return;
    const [box, around] = [tile.getBoundingClientRect(), this.offsetParent.getBoundingClientRect()];
    this.menu.style.top = `${box.top - around.top}px`;
    this.menu.style.left = `${box.right - around.left}px`;
    this.menu.classList.toggle("rightward", box.right < 260);
    const id = tile.dataset.picture;
    for (const link of this.querySelectorAll("[data-route]")) {
      link.href = address(link.dataset.route, id) + (link.dataset.query ?? "");
    }
    this.querySelector("[data-edits]").href = `${address("studio")}?edit=${id}`;
    for (const button of this.querySelectorAll("[data-own]")) button.hidden = !tile.hasAttribute("data-mine");
  }

  onClick(event) {
    const what = event.target.closest("[data-do]")?.dataset.do;
    if (event.target.closest(".panel")) this.menu.open = false;
    if (!what) return;
    const wall = document.querySelector("studio-wall");
    if (what === "select") document.dispatchEvent(new CustomEvent("select-tile", { detail: this.tile }));
    else wall[what](this.tile);
    this.put(null);
  }
}

customElements.define("studio-tile-menu", StudioTileMenu);
