/* Canvases and their pixels. */

const TINT = [235, 72, 36];

export const TINT_COLOUR = `rgb(${TINT})`;

export function blank(width, height) {
  return Object.assign(document.createElement("canvas"), { width, height });
}

export function copy(context, source) {
  const before = context.globalCompositeOperation;
  context.globalCompositeOperation = "copy";
  context.drawImage(source, 0, 0);
  context.globalCompositeOperation = before;
}

/* Return a round stamp of a brush with soft edges. */
export function stampOf({ radius, soft }) {
  const side = Math.ceil(radius * 2) + 2;
  const [stamp, middle] = [blank(side, side).getContext("2d"), side / 2];
  const hard = radius * (1 - soft);
  const fade = stamp.createRadialGradient(middle, middle, hard, middle, middle, radius);
  fade.addColorStop(0, TINT_COLOUR);
  fade.addColorStop(1, `rgba(${TINT}, 0)`);
  stamp.fillStyle = fade;
  stamp.fillRect(0, 0, side, side);
  return stamp.canvas;
}

/* Convert a mask's pixels to a surface's: transparent parts are painted, or dark ones if there
   are none. */
export function toPainted(data) {
  let opaque = true;
  for (let at = 3; at < data.length && opaque; at += 4) opaque = data[at] === 255;
  for (let at = 0; at < data.length; at += 4) {
    const kept = opaque ? brightnessOf(data, at) : data[at + 3];
    [data[at], data[at + 1], data[at + 2]] = TINT;
    data[at + 3] = 255 - kept;
  }
}

const brightnessOf = (data, at) =>
  Math.round(data[at] * 0.299 + data[at + 1] * 0.587 + data[at + 2] * 0.114);
