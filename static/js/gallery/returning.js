/* Return from a picture to the tile viewed last. */

import { isReturning, recall, returnToSpot } from "../place.js";

export function comeBack(gallery, event) {
  hideGone(gallery, event);
  const last = recall("last", "");
  const query = new URLSearchParams(location.search);
  const back = event.persisted || isStepBack();
  if (!last || !(back || query.get("at") === last)) return;
  const tile = gallery.tile(last);
  if (tile && !tile.hidden) returnToSpot(Number(last), tile);
  else if (back && !tile && !event.persisted) goTo(query, last);
}

/* Hide trashed tiles in a page restored by the browser; a freshly loaded one has none. */
function hideGone(gallery, event) {
  if (!event.persisted) return;
  for (const id of recall("gone", "").split(" ").filter(Number)) {
    gallery.tile(id)?.setAttribute("hidden", "");
  }
}

const isStepBack = () =>
  isReturning || performance.getEntriesByType("navigation")[0]?.type === "back_forward";

/* Load the page of the gallery that contains the picture now. */
function goTo(query, picture) {
  query.set("at", picture);
  query.delete("before");
  query.delete("after");
  location.replace(`?${query}`);
}
