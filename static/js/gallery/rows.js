/* Find neighbouring tiles: widths differ, so rows are measured on the page. */

const STEPS = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -1, ArrowDown: 1 };
// Tiles whose tops differ by less than this, in pixels, are in one row.
const SAME_ROW = 4;

export const isArrow = (key) => key in STEPS;

export const isSideways = (key) => key === "ArrowLeft" || key === "ArrowRight";

/* Return the tile that an arrow key leads to; undefined at an edge. */
export function beside(tiles, tile, key) {
  const here = tiles.indexOf(tile);
  if (isSideways(key)) return tiles[here + STEPS[key]];
  const box = boxOf(tile);
  const ahead = STEPS[key] > 0 ? tiles.slice(here) : tiles.slice(0, here).toReversed();
  const beyond = ahead.filter((other) => (boxOf(other).top - box.top) * STEPS[key] > SAME_ROW);
  if (!beyond.length) return undefined;
  const { top } = boxOf(beyond[0]);
  const row = beyond.filter((other) => Math.abs(boxOf(other).top - top) < SAME_ROW);
  const far = (other) => Math.abs(middleOf(boxOf(other)) - middleOf(box));
  return row.reduce((best, other) => (far(other) < far(best) ? other : best));
}

const boxOf = (tile) => tile.getBoundingClientRect();

const middleOf = (box) => (box.left + box.right) / 2;
