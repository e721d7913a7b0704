/* The tiles of a gallery in which pictures are selected: checkboxes, the selected ones checked. */

export function mark(tiles, kept) {
  for (const tile of tiles) {
    if (kept.on) {
      tile.setAttribute("role", "checkbox");
      tile.setAttribute("aria-checked", kept.has(tile));
    } else for (const name of ["role", "aria-checked"]) tile.removeAttribute(name);
  }
}

// What a step changes about the tiles of its pictures.
const MARKS = {
  share: ["data-shared", true],
  private: ["data-shared", false],
  star: ["data-starred", true],
  unstar: ["data-starred", false],
};

/* Show on tiles what has been done with them. */
export function show(tiles, action) {
  for (const tile of tiles) {
    if (action === "trash" || action === "restore") tile.hidden = true;
    else if (MARKS[action] && tile.matches("[data-mine]")) tile.toggleAttribute(...MARKS[action]);
  }
}
