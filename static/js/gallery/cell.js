/* The parts of a long gallery's page: headings, and cells with the tile of a picture. */

import { again } from "./images.js";
import { nameOf } from "./months.js";

export function emptyCell(ordinal) {
  const cell = Object.assign(document.createElement("div"), { className: "cell", tabIndex: -1 });
  cell.setAttribute("role", "listitem");
  cell.dataset.ordinal = ordinal;
  return cell;
}

export function place(element, box) {
  for (const side of ["left", "top", "width", "height"]) {
    if (side in box) element.style[side] = `${box[side]}px`;
  }
}

export function label(cell, ordinal, { start, count }) {
  cell.setAttribute("aria-posinset", ordinal - start + 1);
  cell.setAttribute("aria-setsize", count);
}

/* Put a tile into its cell; returns whether it is new there. */
export function fill(cell, tile) {
  if (!tile || tile.parentNode === cell) return false;
  for (const image of tile.querySelectorAll("img")) release(image);
  const isWaiting = document.activeElement === cell;
  cell.replaceChildren(tile);
  if (isWaiting) targetOf(cell).focus({ preventScroll: true });
  return true;
}

/* Return what has the focus for a cell: its tile, a button of that, or the empty cell itself. */
export const targetOf = (cell) => cell.querySelector("a, button") ?? cell;

/* A thumbnail that left the page before it came must not hold up those that are in view. */
export function hold(image) {
  if (image.complete || !image.src) return;
  image.dataset.src = image.src;
  image.removeAttribute("src");
}

function release(image) {
  if (image.dataset.src) {
    image.src = image.dataset.src;
    delete image.dataset.src;
  } else again(image);
}

export function headingOf(key, said) {
  const heading = Object.assign(document.createElement("h2"), { className: "month" });
  const [name, facts] = [document.createElement("span"), document.createElement("span")];
  name.textContent = nameOf(key);
  facts.textContent = said;
  facts.className = "facts num";
  heading.append(name, facts);
  return heading;
}
