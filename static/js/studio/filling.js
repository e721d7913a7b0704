/* Links of a large picture or a tile's menu fill this page's form instead of loading a page. */

import { address } from "../addresses.js";
import { isHeldClick } from "../keys.js";
import { references } from "../references/waiting.js";
import { loadInPlaceOf } from "../requests.js";

function onClick(event) {
  const link = event.target.closest("a:is([data-again], [data-edit], [data-as-reference])");
  if (!link || event.defaultPrevented || isHeldClick(event)) return;
  event.preventDefault();
  link.dispatchEvent(new CustomEvent("left", { bubbles: true }));
  const asReference = new URLSearchParams(link.search).get("input_pictures");
  if (asReference && references()) references().addPicture(asReference);
  else loadInPlaceOf(document.getElementById("composer"), address("composer") + link.search);
}

document.addEventListener("click", onClick);
