/* The geometry of a whole gallery: its months, and one byte per picture with its shape. */

import { getBytes } from "../requests.js";

// Bytes of the number that tells how long the header is.
const PREFIX = 4;
// A byte is the logarithm of a ratio: so many steps double it, and this one is a square.
const STEPS = 42;
const SQUARE = 128;

/* The ratio of width to height of each byte, as tiles have it: with two decimals. */
export const RATIOS = Float64Array.from({ length: 256 }, (_, byte) =>
  Number((2 ** ((byte - SQUARE) / STEPS)).toFixed(2)),
);

/* Return an address of a gallery with more values in its query. */
export function withValues(address, values) {
  const url = new URL(address, location.origin);
  for (const [name, value] of Object.entries(values)) url.searchParams.set(name, value);
  return url.pathname + url.search;
}

/* Resolves to the geometry of a gallery, or to null if none came. */
export async function fetchGeometry({ dataset }) {
  const { bytes, ok } = await getBytes(dataset.geometry);
  return ok ? geometryOf(bytes) : null;
}

/* Return what an answer says: {version, count, found, every, keys, asOf, sections, shapes}; `found`
   are the words for how many it has. A section is
   a month: {key, said, start, count}; a gallery without months is one section without a key. */
export function geometryOf(bytes) {
  const { header, rest: shapes } = answerOf(bytes);
  const { months, as_of: asOf, ...told } = header;
  return { ...told, asOf, shapes, sections: sectionsOf(months, told.count) };
}

/* Return the header of an answer, and the bytes behind it. */
export function answerOf(bytes) {
  const length = new DataView(bytes).getUint32(0, true);
  const header = JSON.parse(new TextDecoder().decode(new Uint8Array(bytes, PREFIX, length)));
  return { header, rest: new Uint8Array(bytes, PREFIX + length) };
}

function sectionsOf(months, count) {
  if (!months.length) return [{ key: "", said: "", start: 0, count }];
  let start = 0;
  return months.map(([key, held, said]) => {
    const section = { key, said, start, count: held };
    start += held;
    return section;
  });
}
