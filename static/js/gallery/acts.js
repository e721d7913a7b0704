/* What is done with one's own picture in a gallery: share it, or put it away with undo. */

import { step } from "../picture/steps.js";
import { ordinalBeside, tileBeside } from "./rows.js";

export function trash(gallery, tile) {
  return putAway(gallery, tile, "picture_trash");
}

export function share(gallery, tile) {
  if (gallery.matches("[data-team]")) return putAway(gallery, tile, "picture_private");
  const name = tile.hasAttribute("data-shared") ? "picture_private" : "picture_share";
  return step(name, tile.dataset.picture);
}

/* Take a picture out of the trash, on the spot. */
export function restore(gallery, event) {
  const tile = event.target.closest("[data-picture]");
  if (!gallery.matches("[data-trash]") || !tile) return;
  event.preventDefault();
  putAway(gallery, tile, "picture_restore");
}

/* Return whether a change takes a picture out of a gallery (true), or into it; else undefined. */
export function leaves(gallery, { gone, shared }) {
  if (gallery.matches("[data-trash]")) return gone === undefined ? gone : !gone;
  if (gallery.matches("[data-team]") && shared !== undefined) return !shared;
  return gone;
}

async function putAway(gallery, tile, name) {
  focusBeside(gallery, tile);
  tile.hidden = true;
  if (await step(name, tile.dataset.picture)) return;
  tile.hidden = false;
  tile.focus();
}

function focusBeside(gallery, tile) {
  const { view } = gallery;
  for (const key of ["ArrowRight", "ArrowLeft"]) {
    const ordinal = view && ordinalBeside(view.layout, view.cells.ordinalAt(tile), key);
    const next = view ? view.tiles.get(ordinal) : tileBeside(gallery.tiles, tile, key);
    if (!next) continue;
    if (view) view.focus(ordinal);
    else next.focus();
    return;
  }
}
