/* The order of the references: by dragging a tile, or with its two buttons. */

export function movable(list, changed, signal) {
  let dragged = null;
  let moved = false;

  list.addEventListener("dragstart", (event) => {
    dragged = event.target.closest("li.reference");
    moved = false;
    event.dataTransfer.effectAllowed = "move";
    event.dataTransfer.setData("text/plain", "");
    dragged?.classList.add("dragged");
  }, { signal });

  list.addEventListener("dragover", (event) => {
    const over = event.target.closest("li.reference");
    if (!dragged) return;
    event.preventDefault();
    if (!over || over === dragged) return;
    const later = [...list.children].indexOf(dragged) < [...list.children].indexOf(over);
    if (later) over.after(dragged);
    else over.before(dragged);
    moved = true;
  }, { signal });

  list.addEventListener("drop", (event) => dragged && event.preventDefault(), { signal });

  list.addEventListener("dragend", () => {
    dragged?.classList.remove("dragged");
    dragged = null;
    if (moved) changed();
  }, { signal });

  list.addEventListener("click", (event) => {
    const button = event.target.closest("[data-move]");
    if (!button) return;
    step(button.closest("li"), Number(button.dataset.move));
    changed();
    list.closest("studio-references").announce(button.closest("li"));
    // At an end the button is switched off and would lose the focus.
    if (button.disabled) button.closest("li").querySelector("[data-move]:not(:disabled)")?.focus();
    else button.focus();
  }, { signal });
}

function step(item, by) {
  if (by < 0) item.previousElementSibling?.before(item);
  else item.nextElementSibling?.after(item);
}
