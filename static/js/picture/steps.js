/* Free actions on a picture, from its tile or its large view; each dispatches an event. */

import { address, routeOf } from "../addresses.js";
import { take } from "../toasts.js";

// What each route changes about its picture.
const CHANGES = {
  "picture_share": { shared: true },
  "picture_private": { shared: false },
  "picture_star": { starred: true, rejected: false },
  "picture_unstar": { starred: false },
  "picture_reject": { rejected: true, starred: false },
  "picture_unreject": { rejected: false },
  "picture_trash": { gone: true },
  "picture_restore": { gone: false },
};

/* Resolves to whether it was done; then "picture-changed" names the picture and its new values. */
export async function step(name, id) {
  const done = await take(address(name, id));
  if (done) tell(id, CHANGES[name]);
  return done;
}

function tell(id, change) {
  const detail = { id: Number(id), ...change };
  document.dispatchEvent(new CustomEvent("picture-changed", { detail }));
}

/* The undo of a toast is a step too, on pages with pictures to change. */
function onSubmit(event) {
  if (!event.target.closest(".toasts")) return;
  const { name, number } = routeOf(new URL(event.target.action).pathname);
  if (!CHANGES[name]) return;
  event.preventDefault();
  step(name, number);
}

document.addEventListener("submit", onSubmit);
