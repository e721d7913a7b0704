/* Keyboard helpers of every page: text fields, modifiers, and "g, then a letter". */

// How long after g, in milliseconds, a letter names a place and nothing else.
const CHORD_TIME = 1200;
const TEXT = "input:not([type=radio], [type=checkbox]), textarea, select, [contenteditable]";
const LATIN = /^[a-z]$/i;
const PLACE = /^Key([A-Z])$/;
const FIELD = "input, textarea, select, [contenteditable]";

export const isInText = (event) => Boolean(event.target.closest(TEXT));

export const isInField = (event) => Boolean(event.target.closest(FIELD));

export const isModified = (event) => event.metaKey || event.ctrlKey || event.altKey;

/* A click that selects, or opens another tab. */
export const isHeldClick = (event) => event.metaKey || event.ctrlKey || event.shiftKey;

export const hasOpenDialog = () => document.querySelector("dialog[open]") !== null;

/* Return the key by its meaning. A letter comes from the layout if that is Latin, else
   (Cyrillic, Greek, Arabic …) from the key's position; Shift makes it a capital, Caps Lock does
   not. */
export function keyOf(event) {
  const letter = LATIN.test(event.key) ? event.key : PLACE.exec(event.code)?.[1];
  if (!letter) return event.key;
  return event.shiftKey ? letter.toUpperCase() : letter.toLowerCase();
}

let began = 0;
let second = null;

/* Return whether this key came after g, so that it means a place. */
export const isChord = (event) => event === second;

function onKey(event) {
  const follows = began > 0 && event.timeStamp - began < CHORD_TIME;
  const counts = !isModified(event) && !isInText(event) && !hasOpenDialog();
  second = follows && counts ? event : null;
  began = keyOf(event) === "g" && counts && !follows ? event.timeStamp : 0;
}

// Runs before all other key handlers, since they call isChord.
window.addEventListener("keydown", onKey, { capture: true });
