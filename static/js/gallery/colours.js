/* The colours of a long gallery: one byte per picture, and what each of them means. */

import { getBytes } from "../requests.js";
import { answerOf } from "./geometry.js";

/* Show the colours that the page of a gallery names. Those of another version than its geometry
   are of other pictures: the gallery will ask again. */
export async function colour(gallery) {
  if (!gallery.dataset.colours || !gallery.view) return;
  const colours = await fetchColours(gallery);
  const { view } = gallery;
  if (!colours || !view) return;
  explain(document.getElementById("colour-legend"), colours);
  view.colours = colours.bytes.length === view.count ? colours : null;
  gallery.scrubber?.mark(view.layout, view.colours);
  view.draw();
}

/* Resolves to {bytes, legend, grows, tones}, the tones by byte; null if none came. */
async function fetchColours({ dataset }) {
  const { bytes, ok } = await getBytes(dataset.colours);
  if (!ok) return null;
  const { header, rest } = answerOf(bytes);
  const tones = [];
  for (const [byte, , tone] of header.legend) tones[byte] = tone;
  return { ...header, bytes: rest, tones };
}

/* Give an element the colour of a picture, or none. */
export function tint(element, colours, ordinal) {
  const tone = colours?.tones[colours.bytes[ordinal]];
  if (tone) element.dataset.tone = tone;
  else delete element.dataset.tone;
}

/* Say what the colours mean; what shares a meaning is said once. */
function explain(list, { legend }) {
  const said = new Map(legend.map(([, words, tone]) => [words, tone]));
  const items = [...said].map(([words, tone]) => {
    const item = Object.assign(document.createElement("li"), { textContent: words });
    item.dataset.tone = tone;
    return item;
  });
  list?.replaceChildren(...items);
}
