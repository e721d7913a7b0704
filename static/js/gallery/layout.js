/* Where each picture of a gallery is: rows of one width, as the stylesheet fills them too. */

import { RATIOS } from "./geometry.js";

// So many pictures are laid out at once: some milliseconds, even on a slow phone.
const SLICE = 100_000;

/* Lay out a gallery in CSS pixels. `sizes`: its `width`, the least height of a `row`, the `gap`,
   the height of a month's heading (`head`) and of the first one (`first`). Row r begins with
   picture starts[r], at tops[r]; after the last one stand the count and the end. */
export function layOut(geometry, sizes) {
  const layout = begin(geometry, sizes);
  const steps = slices(layout);
  while (!steps.next().done);
  return layout;
}

/* Resolves to the same; between two slices the page may scroll and answer. */
export async function layOutInSlices(geometry, sizes) {
  const layout = begin(geometry, sizes);
  const steps = slices(layout);
  while (!steps.next().done) await otherTasks();
  return layout;
}

const otherTasks = () => globalThis.scheduler?.yield?.() ?? new Promise((go) => setTimeout(go));

function begin(geometry, sizes) {
  const rows = geometry.count + 1;
  const layout = { geometry, sizes, heads: [], rows: 0, height: 0 };
  // The least width of each shape, with a gap.
  layout.wides = RATIOS.map((ratio) => Math.min(ratio * sizes.row, sizes.width) + sizes.gap);
  layout.starts = new Uint32Array(rows);
  layout.tops = new Float64Array(rows);
  return layout;
}

/* Lay out, with a pause after each slice. */
function* slices(layout) {
  const { geometry, sizes } = layout;
  let room = SLICE;
  for (const section of geometry.count ? geometry.sections : []) {
    const line = addSection(layout, section);
    const end = section.start + section.count;
    for (let from = section.start; from < end; ) {
      const to = Math.min(from + room, end);
      fill(layout, line, from, to);
      room -= to - from;
      from = to;
      if (room) continue;
      room = SLICE;
      yield;
    }
    endSection(layout, line, end);
  }
  layout.starts[layout.rows] = geometry.count;
  layout.tops[layout.rows] = layout.height + sizes.gap;
}

/* Return the first line of a month: where it begins, at what height, and the ratios and the least
   widths of its pictures so far. */
function addSection({ sizes, heads, height }, { key, start }) {
  let top = start ? height + sizes.gap : 0;
  heads.push(top);
  if (key) top += (start ? sizes.head : sizes.first) + sizes.gap;
  return { begin: start, top, sum: 0, used: 0 };
}

/* Fill rows with pictures `from` … `to`. Runs once for each picture of a gallery, so all it needs
   is at hand. */
function fill(layout, line, from, to) {
  const { starts, tops, sizes, wides, geometry } = layout;
  const { width, gap } = sizes;
  const { shapes } = geometry;
  const full = width + gap;
  let { rows } = layout;
  let { begin: first, top, sum, used } = line;
  for (let index = from; index < to; index += 1) {
    const shape = shapes[index];
    used += wides[shape];
    if (used > full && index > first) {
      starts[rows] = first;
      tops[rows] = top;
      rows += 1;
      top += (full - (index - first) * gap) / sum + gap;
      first = index;
      sum = 0;
      used = wides[shape];
    }
    sum += RATIOS[shape];
  }
  layout.rows = rows;
  Object.assign(line, { begin: first, top, sum, used });
}

/* The last row of a month need not be full. */
function endSection(layout, { begin: first, top, sum }, end) {
  const { width, row, gap } = layout.sizes;
  layout.starts[layout.rows] = first;
  layout.tops[layout.rows] = top;
  layout.rows += 1;
  layout.height = top + Math.min(row, (width + gap - (end - first) * gap) / sum);
}

/* Return the row at a height, or the one above it. */
export const rowAt = (layout, top) => lastUpTo(layout.tops, layout.rows, top);

export const rowOf = (layout, ordinal) => lastUpTo(layout.starts, layout.rows, ordinal);

export function sectionOf({ geometry: { sections } }, ordinal) {
  return lastOf(sections.length, (index) => sections[index].start <= ordinal);
}

/* Return the section whose heading is at a height, or above it. */
export const sectionAt = ({ heads }, top) => lastUpTo(heads, heads.length, top);

const lastUpTo = (sorted, length, value) => lastOf(length, (index) => sorted[index] <= value);

/* Return the last index of 0 … length - 1 for which `holds`, 0 if none; it holds up to there. */
function lastOf(length, holds) {
  let [low, high] = [0, length - 1];
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (holds(middle)) low = middle;
    else high = middle - 1;
  }
  return low;
}

/* Return the boxes {ordinal, left, top, width, height} of a row. */
export function boxesOf(layout, row) {
  const { starts, tops, geometry, sizes } = layout;
  const [from, to] = [starts[row], starts[row + 1]];
  const ratios = Array.from(geometry.shapes.subarray(from, to), (byte) => RATIOS[byte]);
  const sum = ratios.reduce((all, one) => all + one, 0);
  const full = (sizes.width - (to - from - 1) * sizes.gap) / sum;
  const section = geometry.sections[sectionOf(layout, from)];
  const height = to === section.start + section.count ? Math.min(sizes.row, full) : full;
  let left = 0;
  return ratios.map((ratio, index) => {
    const box = { ordinal: from + index, left, top: tops[row], width: ratio * height, height };
    left += box.width + sizes.gap;
    return box;
  });
}

export function boxOf(layout, ordinal) {
  const row = rowOf(layout, ordinal);
  return boxesOf(layout, row)[ordinal - layout.starts[row]];
}
