/* Ranges of a gallery: lists of {from, to, first, last} in order that never overlap. `from` and
   `to` are places, both included; `first` and `last` name them for the studio by a picture at
   that end: {id, inside}, or just outside of it. null is the gallery's own end. */

const edge = (id, inside = true) => ({ id, inside });

export const range = (from, to) =>
  from.at <= to.at
    ? { from: from.at, to: to.at, first: edge(from.id), last: edge(to.id) }
    : { from: to.at, to: from.at, first: edge(to.id), last: edge(from.id) };

export const everything = (count) => ({ from: 0, to: count - 1, first: null, last: null });

export const has = (ranges, at) => ranges.some(({ from, to }) => from <= at && at <= to);

export const sizeOf = (ranges) => ranges.reduce((sum, { from, to }) => sum + to - from + 1, 0);

/* Return the ranges without a piece. */
export function without(ranges, piece) {
  return ranges.flatMap((one) => {
    if (one.to < piece.from || one.from > piece.to) return [one];
    const before = { ...one, to: piece.from - 1, last: outside(piece.first) };
    const after = { ...one, from: piece.to + 1, first: outside(piece.last) };
    return [before, after].filter(({ from, to }) => from <= to);
  });
}

const outside = (end) => end && edge(end.id, !end.inside);

/* Return the ranges with a piece; what touches becomes one. */
export function including(ranges, piece) {
  const all = [...without(ranges, piece), piece].toSorted((one, other) => one.from - other.from);
  const joined = [];
  for (const one of all) {
    const last = joined.at(-1);
    if (last && last.to + 1 === one.from) Object.assign(last, { to: one.to, last: one.last });
    else joined.push({ ...one });
  }
  return joined;
}

/* Return the names of all pictures at the ends. */
export const endsOf = (ranges) =>
  new Set(ranges.flatMap(({ first, last }) => [first?.id, last?.id]).filter(Boolean));

/* Return the ranges with new places; `places` has that of each picture at an end, if it is there.
   `count` is that of the gallery now. */
export function moved(ranges, places, count) {
  const at = (end, old, step) => {
    const place = places.get(end.id);
    if (place === undefined) return old;
    return end.inside ? place : place + step;
  };
  return ranges
    .map((one) => ({
      ...one,
      from: one.first ? at(one.first, one.from, 1) : 0,
      to: Math.min(one.last ? at(one.last, one.to, -1) : count - 1, count - 1),
    }))
    .filter(({ from, to }) => from <= to);
}

const isSingle = ({ from, to, first, last }) =>
  from === to && first?.inside && last?.inside && first.id === last.id;

const isGap = (end, start) => end && start && end.id === start.id && !end.inside && !start.inside;

const nameOf = (end) => (end ? `${end.inside ? "" : "x"}${end.id}` : "");

/* Return the ranges as fields of a form: single pictures, all, or ranges without single ones. */
export function fieldsOf(ranges) {
  const [ids, spans, left] = [[], [], []];
  for (const one of ranges) {
    const previous = spans.at(-1);
    if (isSingle(one)) ids.push(one.first.id);
    else if (isGap(previous?.last, one.first)) {
      left.push(one.first.id);
      spans[spans.length - 1] = { ...previous, to: one.to, last: one.last };
    } else spans.push(one);
  }
  return { ids, without: left, ...spansOf(spans) };
}

function spansOf(spans) {
  if (spans.length === 1 && !spans[0].first && !spans[0].last) return { all: ["1"] };
  return { ranges: spans.map(({ first, last }) => `${nameOf(first)}-${nameOf(last)}`) };
}
