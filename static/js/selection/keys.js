/* The keys of a selection, and what each does. */

import { isInText, isModified, keyOf } from "../keys.js";

const OPEN = "dialog[open], details[open]";

/* Return what a key does, or null. */
export function actOfKey(selection, event) {
  if (document.querySelector(OPEN) || isInText(event)) return null;
  const key = keyOf(event);
  if (isModified(event)) return actOfHeld(selection, event, key);
  const tile = event.target.closest("[data-picture]");
  const onTile = tile && actOnTile(selection, event, { tile, key });
  return onTile ?? (event.repeat ? null : actOnAll(selection, key));
}

function actOfHeld({ kept, selectAll }, { altKey }, key) {
  return kept.on && !altKey && key === "a" ? selectAll : null;
}

function actOnTile(selection, { shiftKey, repeat }, { tile, key }) {
  if (shiftKey && key.startsWith("Arrow")) return selection.extension(tile, key);
  const isToggle = key === "x" || (key === " " && selection.kept.on);
  return isToggle ? () => repeat || selection.toggle(tile) : null;
}

function actOnAll(selection, key) {
  const { kept, form } = selection;
  if (key === "Escape" && kept.on) return () => selection.leave();
  const button = key === "Delete" && kept.size && form.querySelector("[value=trash]");
  return button ? () => selection.step(form, button) : null;
}
