/* The tiles of a long gallery. They are fetched by windows: so many pictures, counted from the
   nearest picture of which the geometry has the id. */

import { getAbortable } from "../requests.js";
import { withValues } from "./geometry.js";

// Pictures of a window; it divides the distance between two keys.
const SIZE = 64;
const MOST_ASKED = 3;
// After a failure the next try waits, in milliseconds; each further failure doubles that.
const [FIRST_WAIT, LONGEST_WAIT] = [500, 16_000];
// So many tiles beyond the wanted ones are kept.
const MOST_KEPT = 256;

export class Windows {
  /* `tiles` by ordinal: known already, but not for certain. Calls `came()` when tiles came, and
     `stale()` when the gallery is not the one that the geometry describes. */
  constructor(address, geometry, tiles, { came, stale }) {
    Object.assign(this, { address, geometry, tiles, came, stale });
    Object.assign(this, { asked: new Map(), whole: new Set(), wanted: [], tries: 0, timer: 0 });
  }

  /* Fetch the windows of pictures `from` … `to`, the middle first; cancel all others. */
  want(from, to) {
    this.wanted = [];
    for (let index = Math.floor(from / SIZE); index * SIZE < to; index += 1) {
      this.wanted.push(index);
    }
    const far = (index) => Math.abs((index + 0.5) * SIZE - (from + to) / 2);
    this.wanted.sort((one, other) => far(one) - far(other));
    for (const index of this.asked.keys()) {
      if (!this.wanted.includes(index)) this.cancel(index);
    }
    this.forget(from - MOST_KEPT, to + MOST_KEPT);
    this.askNext();
  }

  cancel(index) {
    this.asked.get(index).abort();
    this.asked.delete(index);
  }

  stop() {
    this.wanted = [];
    clearTimeout(this.timer);
    for (const index of this.asked.keys()) this.cancel(index);
  }

  forget(from, to) {
    for (const [ordinal, tile] of this.tiles) {
      if ((ordinal >= from && ordinal < to) || tile.isConnected) continue;
      this.tiles.delete(ordinal);
      this.whole.delete(Math.floor(ordinal / SIZE));
    }
  }

  askNext() {
    if (this.timer) return;
    for (const index of this.wanted) {
      if (this.asked.size >= MOST_ASKED) return;
      if (!this.asked.has(index) && !this.whole.has(index)) this.ask(index);
    }
  }

  async ask(index) {
    const request = getAbortable(this.addressOf(index));
    this.asked.set(index, request);
    const answer = await request.answer;
    if (this.asked.get(index) !== request) return;
    this.asked.delete(index);
    const tiles = answer.ok ? tilesIn(answer.text) : [];
    if (tiles.length) this.take(index, tiles);
    else this.retryLater();
    const isStale = answer.ok && answer.version !== this.geometry.version;
    if (isStale || answer.trouble === "gone") this.stale();
    this.askNext();
  }

  addressOf(index) {
    const { keys, every } = this.geometry;
    const key = Math.floor((index * SIZE) / every);
    const skip = (index * SIZE) % every;
    return withValues(this.address, { key: keys[key], skip, count: SIZE });
  }

  take(index, tiles) {
    this.tries = 0;
    this.whole.add(index);
    for (const [skipped, tile] of tiles.entries()) {
      const ordinal = index * SIZE + skipped;
      const known = this.tiles.get(ordinal);
      if (known?.dataset.picture === tile.dataset.picture) copyMarks(tile, known);
      else this.tiles.set(ordinal, tile);
    }
    this.came();
  }

  retryLater() {
    const wait = Math.min(FIRST_WAIT * 2 ** this.tries, LONGEST_WAIT);
    this.tries += 1;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.retry(), wait);
  }

  /* Something about any picture may have changed. */
  askAgain() {
    this.whole.clear();
    this.askNext();
  }

  retry() {
    clearTimeout(this.timer);
    this.timer = 0;
    this.askNext();
  }
}

function tilesIn(html) {
  const holder = Object.assign(document.createElement("template"), { innerHTML: html });
  return [...holder.content.querySelectorAll("[data-picture]")];
}

/* A tile stays the same element, which may have the focus; what it says may have changed. */
function copyMarks(from, to) {
  for (const name of new Set([...Object.keys(from.dataset), ...Object.keys(to.dataset)])) {
    if (name in from.dataset) to.dataset[name] = from.dataset[name];
    else delete to.dataset[name];
  }
}
