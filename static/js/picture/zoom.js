/* Where a picture stands in its box: its scale, 1 where it fits, and where its middle is. */

export const FIT = { scale: 1, x: 0, y: 0 };
// So far beyond its own pixels, or beyond its fit, a picture can be enlarged.
const MOST = 4;

/* `sizes` in CSS pixels: the `box`, the picture as it `fits`, and the picture's `own` width. */
export const fullScale = ({ fits, own }) => own / fits.width;

/* Another scale, with the point (measured from the middle of the box) staying where it is. */
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

/* No edge comes farther in than the edge of the box; what is smaller than the box is centred. */
function kept({ scale, x, y }, { box, fits }) {
  const room = (side) => Math.max((fits[side] * scale - box[side]) / 2, 0);
  return { scale, x: within(x, room("width")), y: within(y, room("height")) };
}

const within = (value, most) => Math.min(Math.max(value, -most), most);
