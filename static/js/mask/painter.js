/* The dialog in which a mask is painted: tools, strokes, and the brush position. */

import { ACTIONS, showSteps } from "./actions.js";
import { brush, setSize, setSoftness, setTool } from "./brush.js";
import { takeMask } from "./files.js";
import { Pointers } from "./pointers.js";
import { Keys } from "./keys.js";
import { View } from "./view.js";

export class Painter {
  /* Listens as long as the element `owner` does. */
  constructor(owner, dialog) {
    this.dialog = dialog;
    this.brush = brush;
    this.canvas = dialog.querySelector("canvas");
    this.trouble = dialog.querySelector(".trouble");
    this.file = dialog.querySelector("input[type=file]");
    this.view = new View(this.canvas);
    this.pointers = new Pointers(this, owner);
    this.keys = new Keys(this, this.pointers, owner);
    owner.listen(dialog, "click", (event) => this.onClick(event));
    owner.listen(dialog, "input", (event) => this.onInput(event));
    // A change of the form would update its price; brushes cost nothing.
    owner.listen(dialog, "change", (event) => event.stopPropagation());
    owner.listen(this.file, "change", () => this.take());
  }

  get isReady() {
    return Boolean(this.surface);
  }

  /* Show a picture with a surface; resolves to whether to use the mask. */
  async open(picture, surface) {
    this.say("");
    this.dialog.returnValue = "";
    this.dialog.showModal();
    Object.assign(this, { surface, cursor: null });
    this.view.show(picture, surface, brush);
    this.setTool(false);
    this.setSize(brush.size);
    this.setSoftness(brush.softness);
    this.canvas.focus();
    await new Promise((resolve) => {
      this.dialog.addEventListener("close", resolve, { once: true });
    });
    surface.end();
    this.surface = null;
    this.view.close();
    return this.dialog.returnValue === "done";
  }

  onClick(event) {
    const button = event.target.closest("[data-do]");
    if (!button || !this.isReady) return;
    this.act(button.dataset.do);
    // A mouse user goes on painting; the keyboard stays on its button.
    if (event.detail && this.dialog.open) this.canvas.focus({ preventScroll: true });
  }

  act(name) {
    if (this.surface.stroke) this.surface.end();
    ACTIONS[name](this);
    this.refresh();
  }

  onInput(event) {
    event.stopPropagation();
    if (event.target.dataset.set === "size") this.setSize(Number(event.target.value));
    if (event.target.dataset.set === "softness") this.setSoftness(Number(event.target.value));
  }

  setTool(erase) {
    setTool(this.dialog, erase);
  }

  setSize(size) {
    setSize(this.dialog, size, Math.max(this.surface.width, this.surface.height) / 2);
    this.view.redraw();
  }

  setSoftness(softness) {
    setSoftness(this.dialog, softness);
    this.view.redraw();
  }

  refresh() {
    if (!this.surface) return;
    showSteps(this.dialog, this.surface.history);
    this.view.redraw();
  }

  begin(point) {
    this.surface.begin(point, { ...brush });
    this.view.redraw();
  }

  move(point) {
    if (this.surface.stroke) this.surface.move(point);
    this.view.redraw();
  }

  end() {
    this.surface?.end();
    this.refresh();
  }

  cancelStroke() {
    this.surface.cancel();
    this.refresh();
  }

  point(cursor) {
    this.cursor = this.view.cursor = cursor;
    this.view.redraw();
  }

  walk(across, down) {
    const from = this.cursor ?? this.centre();
    const x = Math.min(Math.max(from.x + across, 0), this.surface.width);
    const y = Math.min(Math.max(from.y + down, 0), this.surface.height);
    this.point({ x, y, keys: true });
    this.view.reveal(this.cursor);
    if (this.surface.stroke) this.move(this.cursor);
  }

  beginHere() {
    this.point({ ...(this.cursor ?? this.centre()), keys: true });
    this.begin(this.cursor);
    return true;
  }

  centre() {
    return { x: this.surface.width / 2, y: this.surface.height / 2 };
  }

  async take() {
    const [file] = this.file.files;
    this.file.value = "";
    const fits = !file || (await takeMask(this.surface, file));
    if (file) this.say(fits ? "" : this.dialog.dataset.unfit);
    this.refresh();
  }

  say(sentence) {
    this.trouble.textContent = sentence;
    this.trouble.hidden = !sentence;
  }
}
