/* The position of a picture in its box: its scale, 1 if it fits, and its middle. */

export const FIT = { scale: 1, x: 0, y: 0 };
// The maximum scale, relative to the picture's own pixels or to its fit.
const MOST = 4;

/* `sizes` in CSS pixels: the `box`, the picture as it `fits`, and the picture's `own` width. */
export const fullScale = ({ fits, own }) => own / fits.width;

/* Return another scale around a point (measured from the middle of the box), which stays. */
export function scaled(view, sizes, scale, [across, down] = [0, 0]) {
  const most = Math.max(fullScale(sizes), 1) * MOST;
  const wanted = Math.min(Math.max(scale, 1), most);
  const by = wanted / view.scale;
  const [x, y] = [across - (across - view.x) * by, down - (down - view.y) * by];
  return kept({ scale: wanted, x, y }, sizes);
}

export function moved(view, sizes, across, down) {
  return kept({ ...view, x: view.x + across, y: view.y + down }, sizes);
}

/* No edge moves inside the box; a dimension smaller than the box is centred. */
function kept({ scale, x, y }, { box, fits }) {
  const room = (side) => Math.max((fits[side] * scale - box[side]) / 2, 0);
  return { scale, x: within(x, room("width")), y: within(y, room("height")) };
}

const within = (value, most) => Math.min(Math.max(value, -most), most);
