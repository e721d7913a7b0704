/* Find the neighbour of a picture in the direction of an arrow key. */

import { boxesOf, rowOf } from "./layout.js";

const STEPS = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -1, ArrowDown: 1 };
// Tiles whose tops differ by less than this, in pixels, are in one row.
const SAME_ROW = 4;

const isArrow = (key) => key in STEPS;

const isSideways = (key) => key === "ArrowLeft" || key === "ArrowRight";

/* Return what an arrow key does in a gallery: the focus moves; null if it does nothing. */
export function moveOf({ view, tiles }, event) {
  if (!isArrow(event.key) || event.shiftKey) return null;
  const isStart = document.activeElement === document.body && isSideways(event.key);
  if (view) return moveInView(view, event, isStart);
  const tile = event.target.closest("[data-picture]");
  const first = tiles.find((one) => one.getBoundingClientRect().top >= 0);
  const next = tile ? tileBeside(tiles, tile, event.key) : isStart && first;
  return next ? () => next.focus() : null;
}

function moveInView(view, { target, key }, isStart) {
  const ordinal = view.cells.ordinalAt(target);
  if (ordinal === null && !isStart) return null;
  const next = ordinal === null ? view.anchor?.ordinal : ordinalBeside(view.layout, ordinal, key);
  return Number.isInteger(next) ? () => view.focus(next) : null;
}

/* Return the ordinal that an arrow key leads to in a layout; null at an edge. */
export function ordinalBeside(layout, ordinal, key) {
  if (isSideways(key)) {
    const next = ordinal + STEPS[key];
    return next >= 0 && next < layout.geometry.count ? next : null;
  }
  const row = rowOf(layout, ordinal);
  const other = row + STEPS[key];
  if (other < 0 || other >= layout.rows) return null;
  const middle = middleOf(boxesOf(layout, row)[ordinal - layout.starts[row]]);
  return nearest(boxesOf(layout, other), middle).ordinal;
}

/* Return the tile that an arrow key leads to on a page without layout; undefined at an edge. */
export function tileBeside(tiles, tile, key) {
  const here = tiles.indexOf(tile);
  if (isSideways(key)) return tiles[here + STEPS[key]];
  const box = boxOf(tile);
  const ahead = STEPS[key] > 0 ? tiles.slice(here) : tiles.slice(0, here).toReversed();
  const beyond = ahead.filter((other) => (boxOf(other).top - box.top) * STEPS[key] > SAME_ROW);
  if (!beyond.length) return undefined;
  const { top } = boxOf(beyond[0]);
  const row = beyond.filter((other) => Math.abs(boxOf(other).top - top) < SAME_ROW);
  return tiles[tiles.indexOf(nearest(row, middleOf(box), boxOf))];
}

function nearest(all, middle, measured = (box) => box) {
  const far = (one) => Math.abs(middleOf(measured(one)) - middle);
  return all.reduce((best, other) => (far(other) < far(best) ? other : best));
}

const boxOf = (tile) => tile.getBoundingClientRect();

const middleOf = ({ left, width }) => left + width / 2;
