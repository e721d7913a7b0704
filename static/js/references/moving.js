/* The order of the references: by dragging a tile, or with its two buttons. */

export class Moving {
  /* `list` belongs to the element `owner`, which is told when the order has changed. */
  constructor(owner, list) {
    Object.assign(this, { owner, list, dragged: null, moved: false });
    owner.listen(list, "dragstart", (event) => this.start(event));
    owner.listen(list, "dragover", (event) => this.over(event));
    owner.listen(list, "drop", (event) => this.dragged && event.preventDefault());
    owner.listen(list, "dragend", () => this.end());
    owner.listen(list, "click", (event) => this.press(event));
  }

  start(event) {
    this.dragged = event.target.closest("li.reference");
    this.moved = false;
    event.dataTransfer.effectAllowed = "move";
    event.dataTransfer.setData("text/plain", "");
    this.dragged?.classList.add("dragged");
  }

  over(event) {
    const over = event.target.closest("li.reference");
    if (!this.dragged) return;
    event.preventDefault();
    if (!over || over === this.dragged) return;
    const order = [...this.list.children];
    const later = order.indexOf(this.dragged) < order.indexOf(over);
    if (later) over.after(this.dragged);
    else over.before(this.dragged);
    this.moved = true;
  }

  end() {
    this.dragged?.classList.remove("dragged");
    this.dragged = null;
    if (this.moved) this.owner.changed();
  }

  press(event) {
    const button = event.target.closest("[data-move]");
    if (!button) return;
    const item = button.closest("li");
    if (Number(button.dataset.move) < 0) item.previousElementSibling?.before(item);
    else item.nextElementSibling?.after(item);
    this.owner.changed();
    this.owner.announce(item);
    // At an end the button is disabled and would lose the focus.
    const still = button.disabled ? item.querySelector("[data-move]:not(:disabled)") : button;
    still?.focus();
  }
}
