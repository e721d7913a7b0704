/* Find the neighbour that an arrow key leads to, by where the pictures are on the page. */

const STEPS = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -1, ArrowDown: 1 };
// Pictures whose tops differ by less than this, in pixels, are in one row.
const SAME_ROW = 4;

export const isArrow = (key) => key in STEPS;

/* Return the neighbour of one of `all`; undefined at an edge. */
export function beside(all, one, key) {
  const here = all.indexOf(one);
  if (key === "ArrowLeft" || key === "ArrowRight") return all[here + STEPS[key]];
  const { top, left } = one.getBoundingClientRect();
  const ahead = STEPS[key] > 0 ? all.slice(here) : all.slice(0, here).toReversed();
  return ahead.find((other) => {
    const box = other.getBoundingClientRect();
    return (box.top - top) * STEPS[key] > SAME_ROW && Math.abs(box.left - left) < SAME_ROW;
  });
}
