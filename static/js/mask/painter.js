/* The dialog in which a mask is painted: tools, and what they do to the surface. The server sent its markup. */

import { Hands } from "./hands.js";
import { Keys } from "./keys.js";
import { View } from "./view.js";

// Kept from one picture to the next; `size` is a place on the slider, 0 to 100.
const brush = { size: 60, softness: 0, radius: 20, soft: 0, erase: false };
const STEP = 4;
const CLOSER = 1.4;

const ACTIONS = {
  brush: (painter) => painter.setTool(false),
  eraser: (painter) => painter.setTool(true),
  thinner: (painter) => painter.setSize(brush.size - STEP),
  thicker: (painter) => painter.setSize(brush.size + STEP),
  closer: (painter) => painter.view.zoom(CLOSER),
  farther: (painter) => painter.view.zoom(1 / CLOSER),
  fit: (painter) => painter.view.fit(),
  undo: (painter) => painter.surface.undo(),
  redo: (painter) => painter.surface.redo(),
  invert: (painter) => painter.surface.invert(),
  clear: (painter) => painter.surface.clear(),
  import: (painter) => painter.file.click(),
  export: (painter) => painter.save(),
  cancel: (painter) => painter.dialog.close(),
  done: (painter) => painter.dialog.close("done"),
};

export class Painter {
  constructor(dialog, signal) {
    this.dialog = dialog;
    this.brush = brush;
    this.canvas = dialog.querySelector("canvas");
    this.trouble = dialog.querySelector(".trouble");
    this.file = dialog.querySelector("input[type=file]");
    this.view = new View(this.canvas);
    this.hands = new Hands(this, signal);
    this.keys = new Keys(this, this.hands, signal);
    const on = (name, act) => dialog.addEventListener(name, act, { signal });
    on("click", (event) => this.onClick(event));
    on("input", (event) => this.onInput(event));
    // A changed form is priced anew; brushes cost nothing.
    on("change", (event) => event.stopPropagation());
    this.file.addEventListener("change", () => this.take(), { signal });
  }

  get isReady() {
    return Boolean(this.surface);
  }

  /* Shows a picture with a surface; resolves to whether the mask is to be used. */
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
    await new Promise((resolve) => this.dialog.addEventListener("close", resolve, { once: true }));
    surface.end();
    this.surface = null;
    this.view.close();
    return this.dialog.returnValue === "done";
  }

  onClick(event) {
    const button = event.target.closest("[data-do]");
    if (!button || !this.isReady) return;
    this.act(button.dataset.do);
    // A mouse goes on painting; the keyboard stays on its button.
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
    brush.erase = erase;
    for (const button of this.dialog.querySelectorAll("[data-tool]")) {
      button.setAttribute("aria-pressed", String((button.dataset.do === "eraser") === erase));
    }
  }

  /* The slider grows by ratios, from one pixel to half the longer side. */
  setSize(size) {
    brush.size = Math.min(Math.max(size, 0), 100);
    const most = Math.max(this.surface.width, this.surface.height) / 2;
    const wide = Math.max(Math.round(most ** (brush.size / 100)), 1);
    brush.radius = wide / 2;
    this.show("size", brush.size, this.dialog.dataset.pixels.replace("{}", wide));
  }

  setSoftness(softness) {
    brush.softness = softness;
    brush.soft = softness / 100;
    this.show("softness", softness, `${softness}%`);
  }

  show(name, value, words) {
    const slider = this.dialog.querySelector(`[data-set=${name}]`);
    slider.value = value;
    slider.setAttribute("aria-valuetext", words);
    slider.closest("label").querySelector("[data-value]").textContent = words;
    this.view.redraw();
  }

  refresh() {
    if (!this.surface) return;
    for (const name of ["undo", "redo"]) {
      const steps = name === "undo" ? this.surface.done : this.surface.undone;
      this.dialog.querySelector(`[data-do=${name}]`).setAttribute("aria-disabled", String(!steps.length));
    }
    this.view.redraw();
  }

  // Strokes

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

  // The brush's place

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

  // Files

  async take() {
    const [file] = this.file.files;
    this.file.value = "";
    if (file) this.say(await takeMask(this.surface, file) ? "" : this.dialog.dataset.unfit);
    this.refresh();
  }

  async save() {
    const link = Object.assign(document.createElement("a"), { download: "mask.png" });
    link.href = URL.createObjectURL(await this.surface.toBlob());
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
  }

  say(sentence) {
    this.trouble.textContent = sentence;
    this.trouble.hidden = !sentence;
  }
}

/* Lays a mask out of a file onto a surface; false where it is none, or of another shape. */
export async function takeMask(surface, file) {
  const image = await createImageBitmap(file).catch(() => null);
  if (!image || !surface) return false;
  const wide = Math.abs((image.height * surface.width) / image.width - surface.height);
  const tall = Math.abs((image.width * surface.height) / image.height - surface.width);
  if (Math.min(wide, tall) > 1) return false;
  surface.load(image);
  return true;
}
