/* The references of the form: dropped, pasted, chosen or picked; in order, and no more than the model takes.
   Without script they are a file field and checkboxes. */

import "./references/arriving.js";
import "./references/choosing.js";
import { movable } from "./references/moving.js";
import { fetchTile, waitingTile } from "./references/tiles.js";

const MEGABYTE = 2 ** 20;
const AROUND_AN_IMAGE = 256;
const MOST_IN_LIST = 16;
// On their way to the server. The form is drawn anew with every change of the model, they stay.
const waiting = new Set();

const references = () => document.getElementById("references");

class StudioReferences extends HTMLElement {
  connectedCallback() {
    this.listeners = new AbortController();
    const { signal } = this.listeners;
    this.form = this.closest("form");
    this.list = this.querySelector(".reference-list");
    this.input = this.querySelector("input[type=file]");
    for (const item of this.items) this.revive(item);
    this.list.append(...waiting);
    this.input.addEventListener("change", (event) => this.onChosen(event), { signal });
    this.list.addEventListener("click", (event) => this.onClick(event), { signal });
    this.querySelector("[data-choose]").addEventListener("click", () => this.input.click(), { signal });
    movable(this.list, () => this.changed(), signal);
    this.form.addEventListener("input", () => this.weigh(), { signal });
    this.form.addEventListener("change", () => this.weigh(), { signal });
    for (const part of this.querySelectorAll("[data-choose], [data-drop]")) part.hidden = false;
    this.show();
    this.takeInPictures();
  }

  disconnectedCallback() {
    this.listeners.abort();
  }

  /* The tiles that stand for an image, without those still on their way. */
  get items() {
    return [...this.list.children].filter((item) => item.querySelector("input"));
  }

  revive(item) {
    const field = item.querySelector("input");
    if (field.type === "checkbox" && !field.checked) return item.remove();
    field.type = "hidden";
    item.querySelector(".tools").hidden = false;
    item.draggable = true;
  }

  /* A picture that an address named is made an upload, so that its place and its weight are known. */
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
    // The bubble would price the form with files that are not among the references yet.
    event.stopPropagation();
    const files = [...this.input.files];
    this.input.value = "";
    this.add(files);
  }

  onClick(event) {
    const item = event.target.closest("li");
    if (event.target.closest("[data-take-out]")) this.takeOut(item);
  }

  takeOut(item) {
    const next = item.nextElementSibling ?? item.previousElementSibling;
    item.remove();
    (next?.querySelector("[data-take-out]") ?? this.querySelector("[data-choose]")).focus();
    this.changed();
  }

  /* Stores files one after the other, each with a tile of its own from the start. */
  async add(files) {
    const room = MOST_IN_LIST - this.list.children.length;
    this.say(files.length > room ? this.dataset.full : "");
    files = files.slice(0, Math.max(room, 0));
    const places = files.map((file) => waitingTile(file.name));
    for (const place of places) waiting.add(place);
    this.list.append(...places);
    this.show();
    for (const [index, file] of files.entries()) {
      const body = new FormData();
      body.set("file", file);
      await this.fill(places[index], this.dataset.upload, body);
    }
  }

  async addPicture(picture) {
    if (this.querySelector(`[data-picture-id="${Number(picture)}"]`)) return true;
    this.say(this.list.children.length < MOST_IN_LIST ? "" : this.dataset.full);
    if (this.list.children.length >= MOST_IN_LIST) return false;
    const place = waitingTile("");
    waiting.add(place);
    this.list.append(place);
    this.show();
    return this.fill(place, this.pathFrom(picture));
  }

  async fill(place, path, body) {
    const { tiles, sentence } = await this.ask(path, body);
    waiting.delete(place);
    // The form may have been drawn anew meanwhile: the tile belongs into the one on the page.
    const there = references() ?? this;
    const known = new Set(there.items.map((item) => item.querySelector("input").value));
    const tile = tiles.find((one) => !known.has(one.querySelector("input").value));
    if (tile) there.revive(tile);
    place.replaceWith(...(tile ? [tile] : []));
    if (sentence) there.say(sentence);
    there.changed();
    return !sentence;
  }

  async ask(path, body) {
    const answer = await fetchTile(path, body);
    return answer ?? { tiles: [], sentence: this.dataset.lost };
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

  /* Which are sent and which wait for another model, in what order, and how much they weigh. */
  show() {
    const most = Number(this.dataset.most);
    for (const [place, item] of this.items.entries()) {
      const field = item.querySelector("input");
      const spare = place >= most;
      item.classList.toggle("spare", spare);
      field.name = `${spare ? "spare" : "input"}_${item.dataset.kind}s`;
      item.dataset.place = place + 1;
      item.querySelector("[data-move='-1']").disabled = place === 0;
      item.querySelector("[data-move='1']").disabled = place === this.items.length - 1;
    }
    this.list.hidden = !this.list.children.length;
    this.list.classList.toggle("several", this.items.length > 1);
    this.querySelector("[data-spare]").hidden = this.items.length <= most;
    this.querySelector("[data-help]").hidden = this.items.length > 0;
    this.closest(".field")?.classList.toggle("fold", !this.items.length);
    this.form.dataset.references = Math.min(this.items.length, most);
    this.name_first();
    this.weigh();
  }

  name_first() {
    const first = this.list.querySelector("[data-reference]")?.dataset;
    for (const [name, value] of [["firstReference", first?.reference], ["firstWidth", first?.width], ["firstHeight", first?.height]]) {
      if (value) this.form.dataset[name] = value;
      else delete this.form.dataset[name];
    }
  }

  weigh() {
    const sent = this.items.filter((item) => !item.matches(".spare")).map((item) => Number(item.querySelector("input").dataset.bytes));
    const mask = this.form.querySelector("input[name=mask]")?.files[0]?.size ?? 0;
    const images = [...sent, mask].reduce((sum, bytes) => sum + Math.ceil(bytes / 3) * 4 + AROUND_AN_IMAGE, 0);
    const texts = new Blob([this.form.querySelector("[name=prompt]")?.value ?? ""]).size;
    const megabytes = (images + texts) / MEGABYTE;
    const most = Number(this.dataset.body) / MEGABYTE;
    const line = this.querySelector("[data-weighs]");
    const words = megabytes > most ? this.dataset.heavy : this.dataset.weight;
    const shown = new Intl.NumberFormat(document.documentElement.lang, { maximumFractionDigits: 1 });
    line.textContent = words.replace("{}", shown.format(Math.max(megabytes, 0.1))).replace("{}", shown.format(most));
    line.hidden = !sent.length;
  }
}

customElements.define("studio-references", StudioReferences);

/* What is still on its way would be missing from a request that costs money. */
function onSubmit(event) {
  if (event.target.id !== "composer" || !waiting.size) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  references()?.say(references().dataset.waiting);
}

document.addEventListener("submit", onSubmit, { capture: true });
