/* The colours of a long gallery along the scrubber: where the dear pictures are, or a model. */

import { rowAt } from "./layout.js";

// The height of a stretch that has one colour, in pixels.
const BAND = 3;
// So many pictures are looked at for one stretch.
const MOST_LOOKED_AT = 64;

/* Return the stretches of a scrubber of some height; none without colours. */
export function bandsOf(layout, colours, height) {
  if (!colours) return [];
  const bands = [];
  for (let top = 0; top < height; top += BAND) {
    const [from, to] = [top, top + BAND].map((place) => ordinalAt(layout, place / height));
    const tone = toneOf(colours, from, Math.max(to, from + 1)) ?? "";
    if (bands.at(-1)?.tone === tone) bands.at(-1).height += BAND;
    else bands.push({ tone, top, height: BAND });
  }
  return bands.map((band) => bandAt(band, height));
}

function bandAt({ tone, top, height }, end) {
  const element = Object.assign(document.createElement("span"), { className: "band" });
  element.style.top = `${top}px`;
  element.style.height = `${Math.min(height, end - top)}px`;
  element.dataset.tone = tone;
  return element;
}

/* Return the first picture of the row at a share of a layout. */
const ordinalAt = (layout, share) => layout.starts[rowAt(layout, share * layout.height)];

/* Return the tone that stands for pictures `from` … `to`: the mean where bytes grow with what they
   mean, else the most frequent. */
function toneOf(colours, from, to) {
  const { bytes, tones, grows } = colours;
  const step = Math.max((to - from) / MOST_LOOKED_AT, 1);
  const counts = new Map();
  for (let at = from; at < to; at += step) {
    const byte = bytes[Math.floor(at)];
    counts.set(byte, (counts.get(byte) ?? 0) + 1);
  }
  return tones[grows ? meanOf(counts) : mostOf(counts)];
}

function meanOf(counts) {
  let [sum, all] = [0, 0];
  for (const [byte, count] of counts) [sum, all] = [sum + byte * count, all + count];
  return Math.round(sum / all);
}

const mostOf = (counts) => [...counts].reduce((most, one) => (one[1] > most[1] ? one : most))[0];
