/* Undo and redo: the pixels replaced by each change; the oldest are dropped first. */

const MOST_BYTES = 128 * 2 ** 20;

export class History {
  /* `paint` is the context that changes, `before` one with its previous contents. */
  constructor(paint, before) {
    Object.assign(this, { paint, before, done: [], undone: [] });
  }

  /* Store the pixels within some bounds (left, top, right, bottom) from before the last change. */
  remember(bounds) {
    const { width: widest, height: highest } = this.paint.canvas;
    const [left, top] = bounds.slice(0, 2).map((edge) => Math.max(Math.floor(edge), 0));
    const width = Math.min(Math.ceil(bounds[2]), widest) - left;
    const height = Math.min(Math.ceil(bounds[3]), highest) - top;
    if (width <= 0 || height <= 0) return;
    this.done.push({ left, top, pixels: this.before.getImageData(left, top, width, height) });
    this.undone = [];
    while (this.done.length > 1 && bytesOf(this.done) > MOST_BYTES) this.done.shift();
  }

  undo() {
    if (this.done.length) this.undone.push(this.swap(this.done.pop()));
  }

  redo() {
    if (this.undone.length) this.done.push(this.swap(this.undone.pop()));
  }

  swap({ left, top, pixels }) {
    const now = this.paint.getImageData(left, top, pixels.width, pixels.height);
    this.paint.putImageData(pixels, left, top);
    return { left, top, pixels: now };
  }
}

const bytesOf = (patches) => patches.reduce((sum, patch) => sum + patch.pixels.data.length, 0);
