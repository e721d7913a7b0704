/* Where in a gallery somebody is: kept in the history, so that Back and a reload lead there. */

import { isReturning, recall } from "../place.js";
import { get } from "../requests.js";
import { withValues } from "./geometry.js";

// Where a picture that an address names comes to stand, as a share of the window's height.
const UPPER_THIRD = 0.3;

/* Resolves to the {ordinal, version} of a `picture`, or of the last one of a `day`; or to null if
   the gallery has none. */
export async function fetchPlace(gallery, asked) {
  const { text, ok } = await get(withValues(gallery.dataset.place, asked));
  const place = ok ? JSON.parse(text) : { ordinal: null };
  return place.ordinal === null ? null : place;
}

/* Write down the first picture in view, in the entry of the history that is left next. At the top
   of the page none: whoever comes back there wants the newest. */
export function keepSpot(view) {
  const { anchor, gallery, geometry } = view;
  if (history.state?.viewed || !anchor) return;
  const spot = { ...anchor, version: geometry.version, of: gallery.dataset.geometry };
  history.scrollRestoration = "manual";
  history.replaceState({ ...history.state, spot: window.scrollY > 0 ? spot : null }, "");
}

/* Return the spot {id, top} to which the page of a gallery has to go, or null. */
export function spotToReach({ dataset }) {
  const spot = history.state?.spot;
  if (spot) return spot.of === dataset.geometry ? spot : null;
  const id = Number(new URLSearchParams(location.search).get("at"));
  return id ? { id, top: innerHeight * UPPER_THIRD } : null;
}

/* Resolves to the ordinal of a spot in a gallery; null if it cannot be known. */
export async function ordinalOf(gallery, geometry, spot) {
  if (spot.version === geometry.version) return spot.ordinal;
  const place = await fetchPlace(gallery, { picture: spot.id });
  return place?.ordinal ?? spot.ordinal ?? null;
}

/* Return the id of the picture viewed last if this page was left for it, else 0. */
export function viewedLast() {
  const [entry] = performance.getEntriesByType("navigation");
  const named = new URLSearchParams(location.search).get("at");
  const last = recall("last", "");
  const isBack = isReturning || entry?.type === "back_forward" || named === last;
  return isBack ? Number(last) : 0;
}
