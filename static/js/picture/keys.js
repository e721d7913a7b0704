/* The keys of a large picture. */

import { isChord, isInField, isModified } from "../keys.js";

// What each key does to a <studio-picture>; the arrows resolve once the other picture is shown.
export const KEYS = {
  ArrowLeft: (picture) => picture.follow("prev"),
  ArrowRight: (picture) => picture.follow("next"),
  Escape: (picture) => picture.escape(),
  Delete: (picture) => picture.querySelector("[data-trash]")?.requestSubmit(),
  z: (picture) => picture.canvas?.toggle(),
  0: (picture) => picture.canvas?.fit(),
  "+": (picture) => picture.canvas?.zoomBy(1),
  "-": (picture) => picture.canvas?.zoomBy(-1),
  a: (picture) => picture.querySelector("[data-collect]")?.click(),
  c: (picture) => picture.querySelector("[data-copy-picture]")?.click(),
  e: (picture) => picture.querySelector("[data-edit]")?.click(),
  f: (picture) => picture.querySelector("[data-star]")?.requestSubmit(),
  s: (picture) => picture.querySelector("[data-share]")?.requestSubmit(),
  x: (picture) => picture.querySelector("[data-reject]")?.requestSubmit(),
  u: (picture) => picture.querySelector("[data-again]")?.click(),
};
/* Return whether a key held down does the same again; of the others it is one press. */
export const goesOn = (key) => key.startsWith("Arrow") || "jk+-=".includes(key);

KEYS.k = KEYS.ArrowLeft;
KEYS.j = KEYS.ArrowRight;
KEYS["="] = KEYS["+"];
// In another dialog, an open menu or a field, keys have other meanings.
const BUSY = "dialog[open]:not(.viewer), details[open]";

/* Return whether a key pressed now is meant for the large picture. */
export function isForPicture(event) {
  if (event.defaultPrevented || isModified(event) || isChord(event)) return false;
  return !isInField(event) && !document.querySelector(BUSY);
}
