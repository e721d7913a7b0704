/* Free steps with a picture, the same from its tile and its large view; each tells the page. */

import { address, routeOf } from "../addresses.js";
import { take } from "../toasts.js";

// What each address changes about its picture.
const CHANGES = {
  "picture_share": { shared: true },
  "picture_private": { shared: false },
  "picture_star": { starred: true },
  "picture_unstar": { starred: false },
  "picture_trash": { gone: true },
  "picture_restore": { gone: false },
};

/* Resolves to whether it was done; then "picture-changed" says about which picture what is new. */
export async function step(name, id) {
  const done = await take(address(name, id));
  if (done) tell(id, CHANGES[name]);
  return done;
}

function tell(id, change) {
  const detail = { id: Number(id), ...change };
  document.dispatchEvent(new CustomEvent("picture-changed", { detail }));
}

/* The undo of a toast is a step too, where its page has pictures to change. */
function onSubmit(event) {
  if (!event.target.closest(".toasts")) return;
  const { name, number } = routeOf(new URL(event.target.action).pathname);
  if (!CHANGES[name]) return;
  event.preventDefault();
  step(name, number);
}

document.addEventListener("submit", onSubmit);
