/* The elements of a long gallery: only rows near the window have any. A section is a heading and
   a list; a cell of the list has the exact place of its picture, whose tile may come later. */

import { emptyCell, fill, headingOf, hold, label, place, targetOf } from "./cell.js";
import { tint } from "./colours.js";
import { boxesOf, boxOf, sectionOf } from "./layout.js";
import { nameOf } from "./months.js";

export class Cells {
  constructor(gallery) {
    Object.assign(this, { gallery, cells: new Map(), sections: new Map() });
  }

  /* Show rows `from` … `to` of a layout that lies `offset` pixels above the element of a `height`;
     the cell with the focus stays too. Returns the tiles that are new on the page. */
  show(state, from, to) {
    const { offset, height } = state;
    // What is kept far away must not make the page any longer.
    this.placeOf = (box) => ({
      ...box,
      top: Math.min(Math.max(box.top - offset, 0), height - box.height),
    });
    const focused = document.activeElement;
    const at = this.ordinalAt(focused);
    const boxes = this.boxesOf(state.layout, from, to);
    const shown = this.put(boxes, state);
    if (at !== null && document.activeElement !== focused) this.refocus(focused, at);
    return shown;
  }

  put(boxes, { layout, tiles, colours }) {
    const ordinals = new Set(boxes.map((box) => box.ordinal));
    for (const [ordinal, cell] of this.cells) if (!ordinals.has(ordinal)) this.drop(ordinal, cell);
    const lasts = new Map();
    const shown = [];
    for (const box of boxes) {
      const index = sectionOf(layout, box.ordinal);
      const { list } = this.sectionFor(layout, index);
      const cell = this.cellFor(box);
      this.putAfter(lasts.get(index) ?? null, cell, list);
      lasts.set(index, cell);
      label(cell, box.ordinal, layout.geometry.sections[index]);
      tint(cell, colours, box.ordinal);
      if (fill(cell, tiles.get(box.ordinal))) shown.push(tiles.get(box.ordinal));
    }
    for (const [index, section] of this.sections) if (!lasts.has(index)) this.end(index, section);
    return shown;
  }

  /* The focus stays on a tile that has changed its cell; without the tile, on the cell. */
  refocus(focused, ordinal) {
    if (focused.isConnected && focused.matches(".cell")) return;
    const cell = this.cells.get(ordinal);
    const target = focused.isConnected ? focused : cell && targetOf(cell);
    target?.focus({ preventScroll: true });
  }

  boxesOf(layout, from, to) {
    const boxes = [];
    for (let row = from; row < to; row += 1) boxes.push(...boxesOf(layout, row));
    const focused = this.ordinalAt(document.activeElement);
    if (focused === null || focused >= layout.geometry.count) return boxes;
    if (focused < boxes[0].ordinal) boxes.unshift(boxOf(layout, focused));
    else if (focused > boxes.at(-1).ordinal) boxes.push(boxOf(layout, focused));
    return boxes;
  }

  /* Return the ordinal of the cell around an element, or null. */
  ordinalAt(element) {
    const cell = element?.closest(".cell");
    return cell && this.gallery.contains(cell) ? Number(cell.dataset.ordinal) : null;
  }

  cellFor(box) {
    let cell = this.cells.get(box.ordinal);
    if (!cell) {
      cell = emptyCell(box.ordinal);
      this.cells.set(box.ordinal, cell);
    }
    place(cell, this.placeOf(box));
    return cell;
  }

  sectionFor(layout, index) {
    const { key, said, start } = layout.geometry.sections[index];
    const section = this.sections.get(index) ?? this.addSection(index, { key, said });
    const { head, first } = layout.sizes;
    const box = { top: layout.heads[index], height: start ? head : first };
    if (section.heading) place(section.heading, this.placeOf(box));
    return section;
  }

  addSection(index, { key, said }) {
    const list = document.createElement("div");
    list.setAttribute("role", "list");
    const heading = key ? headingOf(key, said) : null;
    if (heading) list.setAttribute("aria-label", nameOf(key));
    const later = [...this.sections.keys()].filter((other) => other > index);
    const next = later.length ? this.sections.get(Math.min(...later)) : null;
    for (const part of [heading, list].filter(Boolean)) {
      this.gallery.insertBefore(part, next?.heading ?? next?.list ?? null);
    }
    this.sections.set(index, { heading, list });
    return this.sections.get(index);
  }

  putAfter(before, cell, list) {
    if (cell.parentNode === list && cell.previousSibling === before) return;
    list.insertBefore(cell, before ? before.nextSibling : list.firstChild);
  }

  drop(ordinal, cell) {
    for (const image of cell.querySelectorAll("img")) hold(image);
    cell.replaceChildren();
    cell.remove();
    this.cells.delete(ordinal);
  }

  end(index, { heading, list }) {
    heading?.remove();
    list.remove();
    this.sections.delete(index);
  }

  clear() {
    for (const [ordinal, cell] of this.cells) this.drop(ordinal, cell);
    for (const [index, section] of this.sections) this.end(index, section);
  }
}
