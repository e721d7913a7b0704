/* A wall from the keyboard: arrows move, s shares, Delete throws away with undo, / searches. Links do the rest. */

import { address, routeOf } from "./addresses.js";
import { remember, recall } from "./place.js";
import { post } from "./toasts.js";

const ARROWS = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -1, ArrowDown: 1 };
/* Whether a picture is shared after it. */
const SHARING = { picture_share: true, picture_private: false };

const typing = (target) => target.closest("input, textarea, select, [contenteditable], dialog");

class StudioWall extends HTMLElement {
  connectedCallback() {
    this.put_away = new Map();
    this.listeners = new AbortController();
    const { signal } = this.listeners;
    document.addEventListener("keydown", (event) => this.onKey(event), { signal });
    document.addEventListener("submit", (event) => this.onUndo(event), { signal });
    this.addEventListener("click", (event) => this.onOpen(event), { signal });
    window.addEventListener("pageshow", (event) => this.comeBack(event), { signal });
  }

  disconnectedCallback() {
    this.listeners.abort();
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
    const after_g = this.went && event.timeStamp - this.went < 1200;
    this.went = event.key === "g" ? event.timeStamp : 0;
    if (event.defaultPrevented || event.metaKey || event.ctrlKey || event.altKey || after_g) return;
    if (typing(event.target) || document.querySelector("dialog[open]")) return;
    const tile = event.target.closest("[data-picture]");
    if (event.key === "/") act(event, () => document.getElementById("q").focus());
    else if (event.key in ARROWS && !event.shiftKey) this.move(event, tile);
    else if (tile?.matches("[data-mine]") && event.key === "s") act(event, () => this.share(tile));
    else if (tile?.matches("[data-mine]") && event.key === "Delete") act(event, () => this.trash(tile));
  }

  move(event, tile) {
    if (!tile && (document.activeElement !== document.body || !event.key.match(/Left|Right/))) return;
    const next = tile ? this.beside(tile, event.key) : this.tiles.find(inView);
    if (next) act(event, () => next.focus());
  }

  beside(tile, key) {
    const tiles = this.tiles;
    const step = ARROWS[key];
    const here = tiles.indexOf(tile);
    if (key.match(/Left|Right/)) return tiles[here + step];
    const box = tile.getBoundingClientRect();
    const middle = (box.left + box.right) / 2;
    const beyond = (other) => (other.getBoundingClientRect().top - box.top) * step > 4;
    const row = (step > 0 ? tiles.slice(here) : tiles.slice(0, here).toReversed()).filter(beyond);
    const top = row[0]?.getBoundingClientRect().top;
    return row.filter((other) => Math.abs(other.getBoundingClientRect().top - top) < 4)
      .toSorted((one, other) => distance(one, middle) - distance(other, middle))[0];
  }

  trash(tile) {
    return this.putAway(tile, "picture_trash", "picture_restore");
  }

  async share(tile) {
    if (this.matches("[data-team]")) return this.putAway(tile, "picture_private", "picture_share");
    const shared = tile.hasAttribute("data-shared");
    const done = await post(address(shared ? "picture_private" : "picture_share", tile.dataset.picture));
    if (done) tile.toggleAttribute("data-shared", !shared);
  }

  async putAway(tile, action, undo) {
    const id = tile.dataset.picture;
    const next = this.beside(tile, "ArrowRight") ?? this.beside(tile, "ArrowLeft");
    tile.hidden = true;
    next?.focus();
    this.put_away.set(address(undo, id), tile);
    if (!(await post(address(action, id)))) tile.hidden = false;
  }

  /* Undo of something that this page hid: bring the tile back in its place instead of loading anew. */
  async onUndo(event) {
    if (!event.target.closest(".toasts")) return;
    const path = new URL(event.target.action).pathname;
    const { name, number } = routeOf(path);
    const tile = this.put_away.get(path) ?? (name in SHARING && this.tile(number));
    if (!tile) return;
    event.preventDefault();
    if (!(await post(path))) return;
    if (name in SHARING) tile.toggleAttribute("data-shared", SHARING[name]);
    tile.hidden = false;
    tile.focus();
  }

  /* Back from a picture: to the one that was seen last, where it hangs. */
  comeBack(event) {
    const back = event.persisted || performance.getEntriesByType("navigation")[0]?.type === "back_forward";
    for (const id of recall("gone", "").split(" ").filter(Number)) this.tile(id)?.setAttribute("hidden", "");
    const last = recall("last", "");
    const address = new URLSearchParams(location.search);
    if (!last || !(back || address.get("at") === last)) return;
    const tile = this.tile(last);
    if (tile && !tile.hidden) tile.focus({ focusVisible: false });
    else if (back && !tile && !event.persisted) {
      address.set("at", last);
      address.delete("before");
      address.delete("after");
      location.replace(`?${address}`);
    }
  }
}

const distance = (tile, middle) => {
  const box = tile.getBoundingClientRect();
  return Math.abs((box.left + box.right) / 2 - middle);
};

const inView = (tile) => tile.getBoundingClientRect().top >= 0;

function act(event, what) {
  event.preventDefault();
  what();
}

customElements.define("studio-wall", StudioWall);
