/* Put the pictures of a collection in order: by dragging (a finger holds first), or picked up with
   Space and moved with the arrows. */

import { beside, isArrow } from "./arrange/beside.js";
import { Dragging } from "./arrange/dragging.js";
import { StudioElement } from "./element.js";
import { isModified } from "./keys.js";
import { take } from "./toasts.js";

class StudioArrange extends StudioElement {
  connect() {
    this.list = this.querySelector("ol");
    this.held = null;
    for (const [place, grip] of this.grips.entries()) {
      Object.assign(grip, { disabled: false, tabIndex: place ? -1 : 0 });
    }
    this.dragging = new Dragging(this);
    this.listen(this, "keydown", (event) => this.onKey(event));
    this.listen(this, "click", (event) => this.onClick(event));
    this.listen(this, "focusin", (event) => this.onFocus(event));
  }

  get grips() {
    return [...this.list.querySelectorAll(".grip")];
  }

  /* Only one of the pictures is in the order of the Tab key; arrows lead to the others. */
  onFocus({ target }) {
    if (!target.matches(".grip")) return;
    for (const grip of this.grips) grip.tabIndex = grip === target ? 0 : -1;
  }

  /* A press of Space or Enter, or of a screen reader, is a click without a pointer. */
  onClick(event) {
    const grip = event.target.closest(".grip");
    if (!grip || event.detail) return;
    if (this.held) this.drop();
    else this.hold(grip.closest("li"));
  }

  onKey(event) {
    const grip = event.target.closest(".grip");
    if (!grip || isModified(event)) return;
    if (event.key === "Escape" && this.held) this.putBack();
    else if (isArrow(event.key)) this.step(grip, event.key);
    else return;
    event.preventDefault();
  }

  step(grip, key) {
    const next = beside(this.grips, grip, key);
    if (!next) return;
    if (!this.held) {
      next.focus();
      return;
    }
    this.place(this.held, next.closest("li"));
    grip.focus();
    this.say("moved");
  }

  hold(item) {
    this.held = item;
    this.before = item.nextElementSibling;
    item.classList.add("held");
    this.say("held");
  }

  /* Let an item take the place of another one. */
  place(item, other) {
    const order = [...this.list.children];
    if (order.indexOf(item) < order.indexOf(other)) other.after(item);
    else other.before(item);
  }

  putBack() {
    this.list.insertBefore(this.held, this.before);
    this.say("back");
    this.letGo();
  }

  async drop() {
    const [item, before] = [this.held, this.before];
    this.say("dropped");
    this.letGo();
    if (item.nextElementSibling === before) return;
    const next = item.nextElementSibling?.dataset.id ?? this.dataset.following;
    const data = new URLSearchParams({ ids: item.dataset.id, before: next });
    if (!(await take(this.dataset.path, data))) this.list.insertBefore(item, before);
  }

  letGo() {
    this.held.classList.remove("held");
    this.held.querySelector(".grip").focus();
    this.held = null;
  }

  say(what) {
    const order = [...this.list.children];
    const place = order.indexOf(this.held) + 1 + Number(this.dataset.above);
    const count = this.dataset.following ? "…" : order.length + Number(this.dataset.above);
    const words = this.dataset[what].replace("{}", place).replace("{}", count);
    this.querySelector("[data-said]").textContent = words;
  }
}

customElements.define("studio-arrange", StudioArrange);
