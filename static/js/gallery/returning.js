/* Back from a picture: to the tile that was seen last, where it hangs. */

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

/* A page that comes from the studio anew knows by itself what is in the trash. */
function hideGone(gallery, event) {
  if (!event.persisted) return;
  for (const id of recall("gone", "").split(" ").filter(Number)) {
    gallery.tile(id)?.setAttribute("hidden", "");
  }
}

const isStepBack = () =>
  isReturning || performance.getEntriesByType("navigation")[0]?.type === "back_forward";

/* The page of the gallery on which the picture is now. */
function goTo(query, picture) {
  query.set("at", picture);
  query.delete("before");
  query.delete("after");
  location.replace(`?${query}`);
}
