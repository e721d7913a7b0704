/* The thumbnail of the painted mask in the form. */

const SIDE = 112; // pixels of the canvas, twice what it takes on the page
const TINT_ALPHA = 0.7;

/* Draw the middle of the picture, if there is one, and the mask on it. */
export function showMade(canvas, picture, surface) {
  canvas.width = SIDE;
  canvas.height = SIDE;
  const pen = canvas.getContext("2d");
  const scale = SIDE / Math.min(surface.width, surface.height);
  const [left, top] = [surface.width, surface.height].map((side) => (SIDE - side * scale) / 2);
  pen.setTransform(scale, 0, 0, scale, left, top);
  if (picture) pen.drawImage(picture, 0, 0);
  pen.globalAlpha = TINT_ALPHA;
  pen.drawImage(surface.canvas, 0, 0);
}
