/* References being uploaded, each with a placeholder tile from the start. */

import { waitingTile } from "./tiles.js";

// The form is redrawn with every change of the model; these tiles stay.
const waiting = new Set();

export const isWaiting = () => waiting.size > 0;

export const references = () => document.getElementById("references");

export class Waiting {
  constructor(owner) {
    this.owner = owner;
    owner.list.append(...waiting);
  }

  get room() {
    return Math.max(Number(this.owner.dataset.room) - this.owner.list.children.length, 0);
  }

  get full() {
    const { full, room } = this.owner.dataset;
    return full.replace("{}", room);
  }

  /* Upload files one after the other. */
  async add(files) {
    const { owner, room } = this;
    owner.say(files.length > room ? this.full : "");
    const taken = files.slice(0, room);
    const tiles = this.place(taken.map((file) => file.name));
    for (const [index, file] of taken.entries()) {
      const body = new FormData();
      body.set("file", file);
      await this.fill(tiles[index], owner.dataset.upload, body);
    }
  }

  async addPicture(picture) {
    const { owner, room } = this;
    owner.say(room ? "" : this.full);
    if (!room) return false;
    const [tile] = this.place([""]);
    return this.fill(tile, owner.pathFrom(picture));
  }

  place(names) {
    const tiles = names.map((name) => waitingTile(name));
    for (const tile of tiles) waiting.add(tile);
    this.owner.list.append(...tiles);
    this.owner.show();
    return tiles;
  }

  async fill(place, path, body) {
    const { tiles, sentence } = await this.owner.ask(path, body);
    waiting.delete(place);
    // The form may have been redrawn meanwhile: use the one on the page.
    const there = references() ?? this.owner;
    const known = new Set(there.items.map(valueOf));
    const tile = tiles.find((one) => !known.has(valueOf(one)));
    if (tile) there.revive(tile);
    place.replaceWith(...(tile ? [tile] : []));
    if (sentence) there.say(sentence);
    there.changed();
    return !sentence;
  }
}

const valueOf = (item) => item.querySelector("input").value;
