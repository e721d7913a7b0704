/* What keys mean on every page: who is typing, what is held down, and "g and then a letter". */

// So long a letter after g names a place, and nothing else.
const CHORD_TIME = 1200;
const TEXT = "input:not([type=radio], [type=checkbox]), textarea, select, [contenteditable]";
const LATIN = /^[a-z]$/i;
const PLACE = /^Key([A-Z])$/;
const FIELD = "input, textarea, select, [contenteditable]";

export const isInText = (event) => Boolean(event.target.closest(TEXT));

export const isInField = (event) => Boolean(event.target.closest(FIELD));

export const isModified = (event) => event.metaKey || event.ctrlKey || event.altKey;

/* A click that selects or opens in another tab. */
export const isHeldClick = (event) => event.metaKey || event.ctrlKey || event.shiftKey;

export const hasOpenDialog = () => document.querySelector("dialog[open]") !== null;

/* The key by its meaning. A letter is that of the layout where it is Latin, else (Cyrillic, Greek,
   Arabic …) that of the key's place; Shift makes it a capital, Caps Lock does not. */
export function keyOf(event) {
  const letter = LATIN.test(event.key) ? event.key : PLACE.exec(event.code)?.[1];
  if (!letter) return event.key;
  return event.shiftKey ? letter.toUpperCase() : letter.toLowerCase();
}

let began = 0;
let second = null;

/* Tells whether this key came after g, so that it means a place. */
export const isChord = (event) => event === second;

function onKey(event) {
  const follows = began > 0 && event.timeStamp - began < CHORD_TIME;
  const counts = !isModified(event) && !isInText(event) && !hasOpenDialog();
  second = follows && counts ? event : null;
  began = keyOf(event) === "g" && counts && !follows ? event.timeStamp : 0;
}

// Before every other key: they ask what this found out.
window.addEventListener("keydown", onKey, { capture: true });
