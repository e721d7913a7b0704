/* What a gallery says once its last picture has left it: what its page says when it is loaded. */

import { get } from "../requests.js";

/* Show or remove the section of an empty gallery. */
export async function sayIfEmpty({ count, gallery }) {
  const beside = gallery.parentElement;
  if (count) beside.querySelector(".empty")?.remove();
  else if (!beside.querySelector(".empty")) {
    const { text, ok } = await get(pageOf(gallery));
    const said = ok && new DOMParser().parseFromString(text, "text/html").querySelector(".empty");
    if (said && !gallery.view.count) beside.append(said);
  }
}

function pageOf({ dataset: { geometry } }) {
  const url = new URL(geometry, location.origin);
  return new URL("./", url).pathname + url.search;
}
