/* The mask of the form: paints it over the first reference and puts it into the file field. Without script it is that field. */

import { Painter, takeMask } from "./mask/painter.js";
import { firstReference, loadImage } from "./mask/reference.js";
import { Surface } from "./mask/surface.js";

// What was painted on which picture: the form is drawn anew with every change of the model.
const kept = new Map();
const MOST_KEPT = 4;
const THUMB = 56;
let asked_for = new URLSearchParams(location.search).has("mask");

class MaskEditor extends HTMLElement {
  connectedCallback() {
    this.listeners = new AbortController();
    const { signal } = this.listeners;
    this.input = this.querySelector("input[name=mask]");
    this.made = this.querySelector(".mask-made");
    this.painter = new Painter(this.querySelector("dialog"), signal);
    this.form = this.closest("form");
    this.form.addEventListener("change", (event) => event.target !== this.input && this.look(), { signal });
    for (const name of ["references-changed", "htmx:afterSettle"]) document.addEventListener(name, () => this.look(), { signal });
    this.input.addEventListener("change", () => this.adopt(), { signal });
    this.querySelector("[data-paint]").addEventListener("click", () => this.open(), { signal });
    this.querySelector("[data-remove]").addEventListener("click", () => this.remove_mask(), { signal });
    this.look();
  }

  disconnectedCallback() {
    this.listeners.abort();
    this.painter.view.watcher.disconnect();
  }

  get reference() {
    const number = (name) => Number(this.getAttribute(name));
    return this.key ? { src: this.getAttribute("src"), width: number("width"), height: number("height") } : null;
  }

  /* Finds the picture that is masked; a mask of another picture is taken off. */
  async look() {
    const turn = (this.turn = (this.turn ?? 0) + 1);
    const found = await firstReference(this.form, Number(this.dataset.longest));
    if (turn !== this.turn || !this.isConnected || found?.key === this.key) return;
    const changed = Boolean(this.key);
    this.key = found?.key;
    for (const name of ["src", "width", "height"]) this.setAttribute(name, found?.[name] ?? "");
    this.hidden = !found && !this.input.files.length;
    this.querySelector("[data-paint]").hidden = !found;
    if (kept.get(this.key)?.file) this.use(kept.get(this.key).file);
    else if (changed) this.use(null);
    if (found && asked_for) this.open_at_once();
  }

  open_at_once() {
    asked_for = false;
    const sheet = document.getElementById("sheet");
    if (sheet) sheet.checked = true;
    this.open();
  }

  async open() {
    const picture = await this.picture();
    this.say(picture ? "" : this.dataset.unseen);
    if (!picture) return;
    const used = await this.painter.open(picture, this.surface());
    this.querySelector("[data-paint]").focus();
    if (used) await this.finish();
  }

  async picture() {
    const image = await loadImage(this.reference.src);
    if (!image) return null;
    const { width, height } = this.reference;
    return createImageBitmap(image, { resizeWidth: width, resizeHeight: height, resizeQuality: "high" });
  }

  surface() {
    const { width, height } = this.reference;
    if (!kept.has(this.key)) kept.set(this.key, { surface: new Surface(width, height), file: null });
    if (kept.size > MOST_KEPT) kept.delete(kept.keys().next().value);
    return kept.get(this.key).surface;
  }

  async finish() {
    const surface = this.surface();
    const painted = surface.share() > 0;
    this.use(painted ? new File([await surface.toBlob()], "mask.png", { type: "image/png" }) : null);
  }

  remove_mask() {
    kept.delete(this.key);
    this.use(null);
    this.querySelector("[data-paint]").focus();
  }

  /* A file that was chosen in the field itself can be painted on as well. */
  async adopt() {
    const [file] = this.input.files;
    if (!file || !this.key) return;
    const fits = await takeMask(this.surface(), file);
    this.say(fits ? "" : this.painter.dialog.dataset.unfit);
    if (fits) await this.finish();
  }

  use(file) {
    const files = new DataTransfer();
    if (file) files.items.add(file);
    this.input.files = files.files;
    if (kept.has(this.key)) kept.get(this.key).file = file;
    this.made.hidden = !file;
    const [first, again] = this.querySelectorAll("[data-paint] > span");
    [first.hidden, again.hidden] = [Boolean(file), !file];
    if (file) this.show();
  }

  async show() {
    const surface = this.surface();
    const share = Math.max(Math.round(surface.share() * 100), 1);
    this.made.querySelector("[data-share]").textContent = this.dataset.share.replace("{}", share);
    const picture = await this.picture();
    const thumb = this.made.querySelector("canvas");
    thumb.width = thumb.height = THUMB * 2;
    const pen = thumb.getContext("2d");
    const scale = thumb.width / Math.min(surface.width, surface.height);
    pen.setTransform(scale, 0, 0, scale, (thumb.width - surface.width * scale) / 2, (thumb.height - surface.height * scale) / 2);
    if (picture) pen.drawImage(picture, 0, 0);
    pen.globalAlpha = 0.7;
    pen.drawImage(surface.canvas, 0, 0);
  }

  say(sentence) {
    const trouble = this.querySelector("[data-trouble]");
    trouble.textContent = sentence;
    trouble.hidden = !sentence;
  }
}

customElements.define("mask-editor", MaskEditor);
