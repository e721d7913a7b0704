/* The references of the form: dropped, pasted or chosen; in order, and no more than the model
   takes. Without script they are a file field and checkboxes. */

import { StudioElement } from "./element.js";
import "./references/arriving.js";
import "./references/choosing.js";
import { Moving } from "./references/moving.js";
import { isHeavy, nameFirst, number, weightOf, weightSaid } from "./references/showing.js";
import { fetchTile } from "./references/tiles.js";
import { isWaiting, references, Waiting } from "./references/waiting.js";

class StudioReferences extends StudioElement {
  connect() {
    this.form = this.closest("form");
    this.list = this.querySelector(".reference-list");
    this.input = this.querySelector("input[type=file]");
    for (const item of this.items) this.revive(item);
    this.waiting = new Waiting(this);
    this.listen(this.input, "change", (event) => this.onChosen(event));
    this.listen(this.list, "click", (event) => this.onClick(event));
    this.listen(this.querySelector("[data-choose]"), "click", () => this.input.click());
    this.moving = new Moving(this, this.list);
    this.listen(this.form, "input change", () => this.weigh());
    this.show();
    this.takeInPictures();
  }

  /* Return the tiles of images, without those still being uploaded. */
  get items() {
    return [...this.list.children].filter((item) => item.querySelector("input"));
  }

  revive(item) {
    const field = item.querySelector("input");
    if (field.type === "checkbox" && !field.checked) {
      item.remove();
      return;
    }
    field.type = "hidden";
    item.draggable = true;
  }

  /* Turn pictures named by the address into uploads, so that their order and size are known. */
  async takeInPictures() {
    for (const item of this.items.filter((one) => one.dataset.kind === "picture")) {
      const { tiles } = await this.ask(this.pathFrom(item.dataset.pictureId));
      if (!tiles.length || !item.isConnected) continue;
      this.revive(tiles[0]);
      item.replaceWith(tiles[0]);
      this.changed();
    }
  }

  pathFrom(picture) {
    return this.dataset.from.replace("/0/", `/${Number(picture)}/`);
  }

  onChosen(event) {
    // If it bubbled, the form would be priced with files that are not references yet.
    event.stopPropagation();
    const files = [...this.input.files];
    this.input.value = "";
    this.add(files);
  }

  onClick(event) {
    if (event.target.closest("[data-take-out]")) this.takeOut(event.target.closest("li"));
  }

  takeOut(item) {
    const next = item.nextElementSibling ?? item.previousElementSibling;
    item.remove();
    (next?.querySelector("[data-take-out]") ?? this.querySelector("[data-choose]")).focus();
    this.changed();
  }

  add(files) {
    return this.waiting.add(files);
  }

  /* Resolves to whether the picture is among the references now. */
  async addPicture(picture) {
    if (this.querySelector(`[data-picture-id="${Number(picture)}"]`)) return true;
    return this.waiting.addPicture(picture);
  }

  ask(path, body) {
    return fetchTile(path, body);
  }

  say(sentence) {
    const trouble = this.querySelector("[data-trouble]");
    const before = sentence && trouble.textContent;
    trouble.textContent = [before, sentence].filter(Boolean).join(" ");
    trouble.hidden = !sentence;
  }

  announce(item) {
    const place = this.items.indexOf(item) + 1;
    const words = this.dataset.moved.replace("{}", place).replace("{}", this.items.length);
    this.querySelector("[data-said]").textContent = words;
  }

  changed() {
    this.show();
    this.dispatchEvent(new CustomEvent("references-changed", { bubbles: true }));
    this.dispatchEvent(new Event("change", { bubbles: true }));
  }

  show() {
    const { items } = this;
    const most = Number(this.dataset.most);
    number(items, most);
    this.list.hidden = !this.list.children.length;
    this.list.classList.toggle("several", items.length > 1);
    this.querySelector("[data-spare]").hidden = items.length <= most;
    this.closest(".field")?.classList.toggle("fold", !items.length);
    this.form.dataset.references = Math.min(items.length, most);
    nameFirst(this.form, this.list.querySelector("[data-reference]"));
    this.weigh();
  }

  weigh() {
    const sent = this.items.filter((item) => !item.matches(".spare"));
    const line = this.querySelector("[data-weighs]");
    const megabytes = weightOf(this.form, sent, Number(this.dataset.around));
    line.textContent = weightSaid(this.dataset, megabytes);
    line.hidden = !sent.length || !isHeavy(this.dataset, megabytes);
  }
}

customElements.define("studio-references", StudioReferences);

/* Uploads in progress would be missing from a request that costs money. */
function onSubmit(event) {
  if (!isWaiting() || !event.target.contains(references())) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  references()?.say(references().dataset.waiting);
}

document.addEventListener("submit", onSubmit, { capture: true });
