/* "Use again" and "Edit" of a large picture or of a tile's menu fill the form of this page. */

import { address } from "../addresses.js";
import { isHeldClick } from "../keys.js";
import { loadInPlaceOf } from "../requests.js";

function onClick(event) {
  const link = event.target.closest("a:is([data-again], [data-edit])");
  if (!link || event.defaultPrevented || isHeldClick(event)) return;
  event.preventDefault();
  link.dispatchEvent(new CustomEvent("left", { bubbles: true }));
  loadInPlaceOf(document.getElementById("composer"), address("composer") + link.search);
}

document.addEventListener("click", onClick);
