/* Back from a picture: to the tile that was seen last, where it hangs. */

import { recall } from "../place.js";

export function comeBack(wall, event) {
  hideGone(wall);
  const last = recall("last", "");
  const query = new URLSearchParams(location.search);
  const back = event.persisted || isStepBack();
  if (!last || !(back || query.get("at") === last)) return;
  const tile = wall.tile(last);
  if (tile && !tile.hidden) tile.focus({ focusVisible: false });
  else if (back && !tile && !event.persisted) goTo(query, last);
}

function hideGone(wall) {
  for (const id of recall("gone", "").split(" ").filter(Number)) {
    wall.tile(id)?.setAttribute("hidden", "");
  }
}

const isStepBack = () => performance.getEntriesByType("navigation")[0]?.type === "back_forward";

/* The page of the wall on which the picture hangs now. */
function goTo(query, picture) {
  query.set("at", picture);
  query.delete("before");
  query.delete("after");
  location.replace(`?${query}`);
}
