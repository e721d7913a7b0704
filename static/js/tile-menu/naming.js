/* The items of a tile's menu: which ones apply to its tile, and where they lead. */

import { address } from "../addresses.js";
import { mayCopy } from "../copy.js";
import { idOf } from "../tiles.js";

export function nameItems(panel, tile, selects) {
  const id = idOf(tile);
  for (const link of panel.querySelectorAll("[data-route]")) {
    link.href = address(link.dataset.route, id) + (link.dataset.query ?? "");
  }
  const values = { again: tile.dataset.request, edit: id, "input_pictures": id, picture: id };
  for (const link of panel.querySelectorAll("[data-asks]")) {
    const { asks, asked = "studio" } = link.dataset;
    link.href = `${address(asked)}?${asks}=${values[asks]}`;
  }
  panel.querySelector("[data-review]").href = reviewFrom(tile, id);
  panel.querySelector("[data-do=star]").ariaPressed = tile.hasAttribute("data-starred");
  hideWhatIsNot(panel, tile, selects);
}

/* Return the address of a review of the tile's gallery that begins at the tile. */
function reviewFrom(tile, id) {
  const query = new URLSearchParams(tile.search);
  query.set("at", id);
  return `${address("review")}?${query}`;
}

function hideWhatIsNot(panel, tile, selects) {
  const has = (mark) => tile.hasAttribute(`data-${mark}`);
  const lacks = {
    own: !has("mine"),
    drawn: has("undrawn"),
    worded: !has("worded"),
    clipboard: !mayCopy(),
    selects: !selects,
  };
  for (const item of panel.querySelectorAll("a, button")) {
    item.hidden = Object.keys(lacks).some((need) => need in item.dataset && lacks[need]);
  }
}
