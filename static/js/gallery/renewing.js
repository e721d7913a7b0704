/* A gallery that has changed: its new geometry, with the first picture in view where it was. */

import { sayIfEmpty } from "./emptied.js";
import { sayFound } from "./found.js";
import { fetchGeometry } from "./geometry.js";
import { layOutInSlices } from "./layout.js";
import { fetchPlace } from "./places.js";

/* Resolves when the view shows the gallery's present geometry, or if none came. */
export async function renew(view) {
  const { anchor, gallery } = view;
  const asked = anchor && fetchPlace(gallery, { picture: anchor.id });
  const [geometry, place] = await Promise.all([fetchGeometry(gallery), asked]);
  if (!geometry || geometry.version === view.geometry.version) return;
  const layout = await layOutInSlices(geometry, view.sizes);
  if (anchor) show(view, layout, anchor, place?.ordinal ?? anchor.ordinal);
  else show(view, layout, { ordinal: 0 }, 0);
  sayFound(view);
  await sayIfEmpty(view);
}

/* What was at the anchor's ordinal before has another one now. */
function show(view, layout, anchor, ordinal) {
  const { geometry } = layout;
  // It may have been scrolled since.
  const top = view.count ? view.boxOf(anchor.ordinal).top - view.top : 0;
  view.take(geometry, moved(view.tiles, anchor.ordinal, ordinal));
  view.lay(layout);
  if (anchor.id && geometry.count) view.put(ordinal, top);
  else view.draw();
}

/* Return the tiles around one by their probable new ordinals; those that are hidden have gone. */
function moved(tiles, from, to) {
  const kept = new Map();
  for (const step of [1, -1]) {
    let next = to + Math.min(step, 0);
    for (let ordinal = from + Math.min(step, 0); tiles.has(ordinal); ordinal += step) {
      const tile = tiles.get(ordinal);
      if (tile.hidden) continue;
      kept.set(next, tile);
      next += step;
    }
  }
  return kept;
}
