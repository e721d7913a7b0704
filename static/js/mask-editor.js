/* The form's mask: painted over the first reference, and put into the file field. */

import { StudioElement } from "./element.js";
import { takeMask } from "./mask/files.js";
import { Painter } from "./mask/painter.js";
import { showMade } from "./mask/made.js";
import { firstReference, loadImage, loadPicture } from "./mask/reference.js";
import { Surface } from "./mask/surface.js";

// What was painted on which picture: the form is redrawn with every change of the model.
const kept = new Map();
const MOST_KEPT = 4;
let askedFor = new URLSearchParams(location.search).has("mask");

class MaskEditor extends StudioElement {
  connect() {
    this.input = this.querySelector("input[name=mask]");
    this.made = this.querySelector(".mask-made");
    this.painter = new Painter(this, this.querySelector("dialog"));
    this.form = this.closest("form");
    this.listen(this.form, "change", (event) => event.target !== this.input && this.look());
    this.listen(document, "references-changed htmx:afterSettle", () => this.look());
    this.listen(this.input, "change", () => this.adopt());
    this.listen(this.querySelector("[data-paint]"), "click", () => this.open());
    this.listen(this.querySelector("[data-remove]"), "click", () => this.remove_mask());
    this.look();
  }

  disconnect() {
    this.painter.view.watcher.disconnect();
  }

  get reference() {
    const number = (name) => Number(this.getAttribute(name));
    if (!this.key) return null;
    return { src: this.getAttribute("src"), width: number("width"), height: number("height") };
  }

  /* Find the picture that is masked. */
  async look() {
    this.turn = (this.turn ?? 0) + 1;
    const { turn } = this;
    const found = await firstReference(this.form, Number(this.dataset.longest));
    if (turn !== this.turn || !this.isConnected || found?.key === this.key) return;
    this.take(found);
    if (found && askedFor) this.openAtOnce();
    if (found && this.dataset.sent) this.bringBack();
  }

  /* Remove a mask that belongs to another picture. */
  take(found) {
    const changed = Boolean(this.key);
    this.key = found?.key;
    for (const name of ["src", "width", "height"]) this.setAttribute(name, found?.[name] ?? "");
    this.hidden = !found && !this.input.files.length;
    this.querySelector("[data-paint]").disabled = !found;
    const file = kept.get(this.key)?.file;
    if (file || changed) this.use(file ?? null);
  }

  /* "Use again" restores the mask that was sent. */
  async bringBack() {
    const mask = loadImage(this.dataset.sent);
    delete this.dataset.sent;
    kept.delete(this.key);
    await this.lay(await mask, this.dataset.gone);
  }

  openAtOnce() {
    askedFor = false;
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

  picture() {
    return loadPicture(this.reference);
  }

  surface() {
    const { width, height } = this.reference;
    if (!kept.has(this.key)) {
      kept.set(this.key, { surface: new Surface(width, height), file: null });
    }
    if (kept.size > MOST_KEPT) kept.delete(kept.keys().next().value);
    return kept.get(this.key).surface;
  }

  async finish() {
    const surface = this.surface();
    if (surface.share() > 0) {
      this.use(new File([await surface.toBlob()], "mask.png", { type: "image/png" }));
    } else this.use(null);
  }

  remove_mask() {
    kept.delete(this.key);
    this.use(null);
    this.querySelector("[data-paint]").focus();
  }

  /* A file chosen in the field itself can be painted on too. */
  async adopt() {
    const [file] = this.input.files;
    if (file && this.key) await this.lay(file, this.painter.dialog.dataset.unfit);
  }

  async lay(mask, trouble) {
    const fits = await takeMask(this.surface(), mask);
    this.say(fits ? "" : trouble);
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
    const words = this.dataset.share.replace("{}", share);
    this.made.querySelector("[data-share]").textContent = words;
    showMade(this.made.querySelector("canvas"), await this.picture(), surface);
  }

  say(sentence) {
    const trouble = this.querySelector("[data-trouble]");
    trouble.textContent = sentence;
    trouble.hidden = !sentence;
  }
}

customElements.define("mask-editor", MaskEditor);
