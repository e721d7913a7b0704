/* Take over the server's page of pictures: the gallery gets its whole length, and the pictures on
   the page stay where they are. */

import { sayFound } from "./found.js";
import { fetchGeometry } from "./geometry.js";
import { layOutInSlices } from "./layout.js";
import { measure } from "./measure.js";
import { fetchPlace, ordinalOf, spotToReach, viewedLast } from "./places.js";
import { View } from "./view.js";

/* Resolves to the view of a gallery; null if its page stays as the server made it. */
export async function unroll(gallery) {
  const spot = spotToReach(gallery);
  gallery.classList.toggle("returning", Boolean(spot));
  const view = await takeOver(gallery);
  if (view && spot) await reach(view, spot);
  gallery.classList.remove("returning");
  return view;
}

async function takeOver(gallery) {
  const geometry = await fetchGeometry(gallery);
  if (!geometry?.count) return null;
  const [first, layout] = await Promise.all([
    ordinalOfFirst(gallery, geometry),
    layOutInSlices(geometry, measure(gallery)),
  ]);
  if (first === null || !gallery.isConnected) return null;
  const { tiles } = gallery;
  const { top } = tiles[0].getBoundingClientRect();
  const known = new Map(tiles.map((tile, index) => [first + index, tile]));
  const focused = gallery.contains(document.activeElement) ? document.activeElement : null;
  gallery.replaceChildren();
  const view = new View(gallery, geometry, known, layout);
  if (first) view.put(first, top);
  else view.draw();
  sayFound(view);
  focused?.focus({ preventScroll: true });
  return view;
}

async function ordinalOfFirst(gallery, { keys: [newest] }) {
  const [tile] = gallery.tiles;
  if (!tile) return null;
  const picture = Number(tile.dataset.picture);
  if (picture === newest) return 0;
  return (await fetchPlace(gallery, { picture }))?.ordinal ?? null;
}

async function reach(view, spot) {
  const { gallery, geometry } = view;
  const ordinal = await ordinalOf(gallery, geometry, spot);
  if (ordinal !== null) view.put(ordinal, spot.top);
  const last = viewedLast();
  if (last) gallery.show(last, view);
}
