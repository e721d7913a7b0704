/* One menu for all tiles, at the hovered or focused one; a right click, a long press and the
   menu key open it too. Its letters work on the focused tile. */

import { StudioElement } from "./element.js";
import { hasOpenDialog, isChord, isModified, keyOf } from "./keys.js";
import { LongPress } from "./selection/long-press.js";
import { DOING } from "./tile-menu/doing.js";
import { nameItems } from "./tile-menu/naming.js";
import { tileAt, tileUnder } from "./tiles.js";

const MARGIN = 8;
const RIGHT = 2;
const STEPS = { ArrowDown: 1, ArrowUp: -1 };

class StudioTileMenu extends StudioElement {
  connect() {
    this.menu = this.querySelector("details");
    this.panel = this.querySelector(".panel");
    this.selects = Boolean(document.querySelector("studio-selection"));
    this.listen(this.menu, "toggle", () => this.onToggle());
    this.listen(document, "pointerover", (event) => this.onOver(event));
    this.listen(document, "keydown", (event) => this.onKey(event));
    this.listen(document, "contextmenu", (event) => this.onContext(event));
    this.listen(document, "open-tile-menu", (event) => this.open(event.detail, true));
    this.listen(document, "htmx:beforeSwap", () => this.menu.open || this.put(null));
    this.listen(this, "click", (event) => this.onClick(event));
    // In a gallery a long press selects, as usual on phones; the selection bar then has this menu.
    if (!this.selects) this.press = new LongPress(this, (tile) => this.open(tile));
    this.listen(document, "click", (event) => this.onPressed(event), { capture: true });
  }

  onOver(event) {
    if (event.pointerType !== "mouse" || this.menu.open || this.contains(event.target)) return;
    this.put(hasOpenDialog() ? null : tileUnder(event.target));
  }

  /* With Shift the browser's own menu opens. */
  onContext(event) {
    if (event.defaultPrevented || event.shiftKey || hasOpenDialog()) return;
    const tile = this.contains(event.target) ? this.tile : tileUnder(event.target);
    if (!tile) return;
    event.preventDefault();
    const byMouse = event.button === RIGHT;
    this.open(tile, !byMouse && event.pointerType !== "touch");
    if (!byMouse) return;
    this.menu.classList.add("at-pointer");
    this.moveTo(event);
  }

  /* Ignore the click at the end of a long press. */
  onPressed(event) {
    if (!this.press?.done || !tileAt(event.target)) return;
    this.press.done = false;
    event.preventDefault();
    event.stopImmediatePropagation();
  }

  onKey(event) {
    if (isModified(event) || isChord(event) || event.defaultPrevented || hasOpenDialog()) return;
    if (this.menu.open) this.onKeyInside(event);
    else this.onKeyOnTile(event, tileAt(event.target));
  }

  onKeyOnTile(event, tile) {
    if (!tile) return;
    const key = keyOf(event);
    this.put(tile);
    if (key === "m") this.open(tile, true);
    else if (!event.repeat) this.itemFor(key)?.click();
    if (key === "m" || this.itemFor(key)) event.preventDefault();
    if (!this.menu.open && !tile.matches(":hover")) this.put(null);
  }

  onKeyInside(event) {
    const items = [...this.panel.querySelectorAll(":is(a, button):not([hidden])")];
    const by = STEPS[event.key];
    if (by) items.at((items.indexOf(document.activeElement) + by) % items.length).focus();
    else this.itemFor(keyOf(event))?.click();
    if (by || this.itemFor(keyOf(event))) event.preventDefault();
  }

  itemFor = (key) =>
    [...this.panel.querySelectorAll("[data-key]:not([hidden])")].find(
      (item) => item.dataset.key === key,
    );

  open(tile, byKey = false) {
    this.put(tile);
    this.byKey = byKey;
    this.menu.open = true;
    if (byKey) this.querySelector("a:not([hidden])").focus({ preventScroll: true });
  }

  put(tile) {
    this.tile = tile;
    this.menu.hidden = !tile;
    this.menu.open = false;
    this.menu.classList.remove("at-pointer");
    if (!tile) return;
    const { top, right } = tile.getBoundingClientRect();
    this.moveTo({ clientX: right, clientY: top });
    nameItems(this.panel, tile, this.selects);
  }

  moveTo({ clientX, clientY }) {
    this.menu.style.top = `${clientY + window.scrollY}px`;
    this.menu.style.left = `${clientX + window.scrollX}px`;
    this.fit();
  }

  onToggle() {
    this.fit();
    if (this.menu.open) return;
    const { activeElement } = document;
    const isLost = this.contains(activeElement) || activeElement === document.body;
    if (this.byKey && isLost) this.tile?.focus();
    this.byKey = false;
  }

  /* Move the whole open panel into view, wherever its tile is. */
  fit() {
    if (!this.menu.open) return;
    this.panel.style.translate = "";
    const { left, right, top, bottom } = this.panel.getBoundingClientRect();
    const { clientWidth, clientHeight } = document.documentElement;
    const by = (near, far, size) => Math.max(Math.min(0, size - MARGIN - far), MARGIN - near);
    const across = left < MARGIN || right > clientWidth - MARGIN ? by(left, right, clientWidth) : 0;
    const down = bottom > clientHeight - MARGIN ? by(top, bottom, clientHeight) : 0;
    this.panel.style.translate = `${across}px ${down}px`;
  }

  onClick(event) {
    const what = event.target.closest("[data-do]")?.dataset.do;
    if (event.target.closest(".panel")) this.menu.open = false;
    if (!what) return;
    DOING[what](this.tile, this.dataset);
    this.put(null);
  }
}

customElements.define("studio-tile-menu", StudioTileMenu);
