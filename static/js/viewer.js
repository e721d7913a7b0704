/* The large view over a page with tiles. Its address is that of the picture's own page; Back
   closes it, and the page below is unchanged. */

import { routeOf } from "./addresses.js";
import { isHeldClick } from "./keys.js";
import "./picture.js";
import { pressAll } from "./picture/early.js";
import { fetchAhead, viewOf } from "./picture/views.js";
import { isReturning, recall, rememberSpot, returnToSpot } from "./place.js";
import { idOf, tileAt, tileOf } from "./tiles.js";

const dialog = document.getElementById("viewer");
const waiting = dialog.querySelector("template").content.firstElementChild;
// Kept, since a dialog that opens again before it has told of its end throws its content away.
const toasts = document.getElementById("toasts");
const pageTitle = { text: "" };

function onPress(event) {
  const tile = !event.button && tileAt(event.target);
  if (tile) fetchAhead(tile.href);
}

function onClick(event) {
  const tile = tileAt(event.target);
  if (!tile || event.defaultPrevented || isHeldClick(event) || event.button) return;
  event.preventDefault();
  rememberSpot(idOf(tile), tile);
  history.pushState({ viewed: true }, "", tile.href);
  show(tile.href, tile);
}

async function show(href, tile = null) {
  const place = placeFor(tile);
  dialog.replaceChildren(place);
  pageTitle.text = document.title;
  if (!dialog.open) dialog.showModal();
  // Toasts must be visible and reachable above this dialog too.
  dialog.append(toasts);
  const view = await viewOf(href);
  // The same picture may have been closed and opened again meanwhile.
  if (!place.isConnected || location.href !== href) return;
  if (!view) {
    history.back();
    return;
  }
  place.replaceWith(view);
  document.title = `${view.dataset.title} · Omixa Studio`;
  view.focus({ preventScroll: true });
  await pressAll(place.presses, dialog);
}

/* Return a placeholder with the tile's thumbnail, shown until the picture comes. */
function placeFor(tile) {
  const place = document.importNode(waiting, true);
  const shown = tile?.querySelector("img");
  if (!shown) return place;
  const image = place.querySelector("img");
  for (const name of ["width", "height"]) image.setAttribute(name, shown.getAttribute(name));
  image.src = shown.currentSrc || shown.src;
  const { ratio } = tile.closest("[data-ratio]")?.dataset ?? {};
  place.querySelector(".canvas").dataset.ratio = ratio ?? "1.00";
  return place;
}

/* Back closes it, before any other handler; Forward opens it again. */
function onHistory(event) {
  if (dialog.open && !event.state?.viewed) {
    event.stopImmediatePropagation();
    dialog.close();
  } else if (event.state?.viewed && routeOf(location.pathname).name === "picture") {
    event.stopImmediatePropagation();
    show(location.href);
  }
}

function onClosed() {
  if (dialog.open) return;
  const id = Number(dialog.querySelector("studio-picture")?.dataset.id);
  document.body.append(toasts);
  dialog.replaceChildren();
  document.title = pageTitle.text;
  if (history.state?.viewed) history.back();
  if (!id) return;
  const tile = tileOf(id);
  if (!tile) {
    // A long gallery brings it into view: only the tiles near the window are on the page.
    document.dispatchEvent(new CustomEvent("viewer-closed", { detail: { id } }));
    return;
  }
  const { top, bottom } = tile.getBoundingClientRect();
  tile.focus({ preventScroll: bottom > 0 && top < innerHeight, focusVisible: false });
}

/* Escape, and Back on a phone: zoom out first. */
function onCancel(event) {
  event.preventDefault();
  const picture = dialog.querySelector("studio-picture");
  if (picture) picture.escape();
  else history.back();
}

function comeBack() {
  const last = Number(recall("last", ""));
  const tile = tileOf(last);
  if (tile) returnToSpot(last, tile);
}

// A long gallery returns by itself.
if (isReturning && !document.querySelector("studio-gallery[data-geometry]")) comeBack();
document.addEventListener("pointerdown", onPress);
document.addEventListener("click", onClick);
window.addEventListener("popstate", onHistory, { capture: true });
dialog.addEventListener("left", () => history.back());
dialog.addEventListener("cancel", onCancel);
dialog.addEventListener("close", onClosed);
dialog.addEventListener("click", (event) => {
  if (event.target.closest("[aria-busy] :is([data-back], .stage)")) history.back();
});
