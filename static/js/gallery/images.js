/* Thumbnails that did not come are asked for again: after a while, when the browser is online
   again, and when they come back into view. */

// The first wait in milliseconds, which each further failure doubles, and how often at most.
const [FIRST_WAIT, MOST_TRIES] = [2000, 5];
const tries = new WeakMap();

/* Ask for a thumbnail again if it has failed. */
export function again(image) {
  const hasFailed = image.src && image.complete && !image.naturalWidth;
  if (hasFailed) image.setAttribute("src", image.getAttribute("src"));
}

function onError({ target }) {
  const tried = tries.get(target) ?? 0;
  if (!target.matches(".gallery-rows img") || tried >= MOST_TRIES) return;
  tries.set(target, tried + 1);
  setTimeout(() => target.isConnected && again(target), FIRST_WAIT * 2 ** tried);
}

function onOnline() {
  for (const image of document.querySelectorAll(".gallery-rows img")) again(image);
}

document.addEventListener("error", onError, { capture: true });
window.addEventListener("online", onOnline);
