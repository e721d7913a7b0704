/* What is selected in a gallery: kept for this tab, so that it outlives a reload and Back, and
   moved along when the gallery changes. */

import { fetchPlace } from "../gallery/places.js";
import { recall, remember } from "../place.js";
import {
  endsOf,
  everything,
  fieldsOf,
  has,
  including,
  moved,
  range,
  sizeOf,
  without,
} from "./ranges.js";

const joined = (name, values) => (values.length ? [[name, values.join(",")]] : []);

const here = () => location.pathname + location.search;

export class Kept {
  constructor() {
    this.address = here();
    const { person } = document.body.dataset;
    this.name = `selection-${person}-${this.address}`;
    const { ranges = [], version = "", asOf = 0, on = false } = JSON.parse(recall(this.name, "{}"));
    Object.assign(this, { ranges, version, asOf, on });
  }

  get isHere() {
    return this.address === here();
  }

  get size() {
    return sizeOf(this.ranges);
  }

  get gallery() {
    return document.querySelector("studio-gallery, .gallery-rows");
  }

  /* The number of pictures in the gallery, 0 until it is known. */
  get all() {
    return this.gallery?.view?.count ?? 0;
  }

  /* Return the place of a tile in its gallery. */
  placeOf(tile) {
    const { ordinal } = tile.closest(".cell")?.dataset ?? {};
    if (ordinal !== undefined) return Number(ordinal);
    return [...this.gallery.querySelectorAll("[data-picture]:not([hidden])")].indexOf(tile);
  }

  spotOf = (tile) => ({ at: this.placeOf(tile), id: Number(tile.dataset.picture) });

  has = (tile) => this.hasAt(this.placeOf(tile));

  hasAt = (place) => has(this.ranges, place);

  /* Select or deselect what lies between two spots. */
  set(from, to, on) {
    const piece = range(from, to);
    this.keep(on ? including(this.ranges, piece) : without(this.ranges, piece));
  }

  setAll() {
    if (!this.all) return;
    this.asOf = this.gallery.view.geometry.asOf;
    this.keep([everything(this.all)]);
  }

  keep(ranges, on = this.on) {
    if (!ranges.length) this.asOf = 0;
    Object.assign(this, { ranges, on, version: this.gallery?.view?.geometry.version ?? "" });
    const { version, asOf } = this;
    remember(this.name, JSON.stringify({ ranges, version, asOf, on }));
  }

  /* The gallery may have got other places for its pictures. Resolves to whether it had. */
  async follow() {
    const view = this.gallery?.view;
    if (!view || !this.ranges.length || this.version === view.geometry.version) return false;
    const ids = [...endsOf(this.ranges)];
    const found = await Promise.all(ids.map((id) => this.find(id)));
    const places = ids.map((id, index) => [id, found[index]]).filter(([, at]) => at !== null);
    this.keep(moved(this.ranges, new Map(places), view.count));
    return true;
  }

  async find(picture) {
    const known = this.gallery.ordinalOf(picture);
    return known ?? (await fetchPlace(this.gallery, { picture }))?.ordinal ?? null;
  }

  /* Return the fields of a form that name the selection: pairs of name and value. */
  get fields() {
    const { ids, ranges = [], all = [], without: left } = fieldsOf(this.ranges);
    return [
      ["gallery", this.address],
      ...ids.map((id) => ["ids", id]),
      ...joined("ranges", ranges),
      ...joined("all", all),
      ...joined("without", left),
      ...joined("as_of", this.asOf ? [this.asOf] : []),
    ];
  }
}
