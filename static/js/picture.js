/* One picture, large, on its page or over another: keys, links to its neighbours, actions. */

import { routeOf } from "./addresses.js";
import "./before-after.js";
import { StudioElement } from "./element.js";
import { isHeldClick, keyOf } from "./keys.js";
import "./picture/canvas.js";
import { goesOn, isForPicture, KEYS } from "./picture/keys.js";
import { PicturePage } from "./picture/page.js";
import "./picture/marks.js";
import "./picture/prompt.js";
import "./picture/later.js";
import { step } from "./picture/steps.js";
import { fetchAhead, forgetViews, viewOf } from "./picture/views.js";
import { noteGone, remember } from "./place.js";
import { enliven } from "./requests.js";

const PAN = 80;
const PANS = {
  ArrowLeft: [PAN, 0],
  ArrowRight: [-PAN, 0],
  ArrowUp: [0, PAN],
  ArrowDown: [0, -PAN],
};

/* What one types into stays as it is. */
function keepTyped(before, after) {
  for (const part of ["#marks", "#comments"]) {
    const typed = before.querySelector(part);
    if (typed) after.querySelector(part)?.replaceWith(typed);
  }
}

class StudioPicture extends StudioElement {
  connect() {
    this.canvas = this.querySelector("studio-canvas");
    remember("last", this.dataset.id);
    // The picture exists: it was restored, or the studio refused to trash it.
    noteGone(this.dataset.id, false);
    this.page = this.dialog ? null : new PicturePage(this);
    enliven(this);
    this.listen(document, "keydown", (event) => this.onKey(event));
    this.listen(document, "picture-changed", (event) => this.onChanged(event.detail));
    this.listen(this, "click", (event) => this.onClick(event));
    this.listen(this, "submit", (event) => this.onSubmit(event));
    this.listen(this, "wiped", (event) => this.follow(event.detail));
    for (const rel of ["next", "prev"]) fetchAhead(this.link(rel)?.href);
  }

  get dialog() {
    return this.closest("dialog");
  }

  link(rel) {
    return this.querySelector(`[rel=${rel}]`);
  }

  onKey(event) {
    const key = keyOf(event);
    const act = isForPicture(event) && this.actOf(key);
    if (!act) return;
    event.preventDefault();
    if (!event.repeat || goesOn(key)) act(this);
  }

  press(key) {
    return this.actOf(key)?.(this);
  }

  actOf(key) {
    const pan = this.canvas?.isZoomed && PANS[key];
    return pan ? () => this.canvas.moveBy(...pan) : KEYS[key];
  }

  onClick(event) {
    if (event.defaultPrevented || isHeldClick(event) || event.button) return;
    const on = (selector) => event.target.closest(selector);
    const isGround = this.dialog && on(".stage") && !on("a, button, img, .zoom, .compare");
    if (!isGround && !on("[rel=prev], [rel=next], a.thumb, [data-back]")) return;
    event.preventDefault();
    if (isGround || on("[data-back]")) this.leave();
    else this.goTo(on("a").href);
  }

  async onSubmit(event) {
    const { name } = routeOf(new URL(event.target.action).pathname);
    if (!name) return;
    event.preventDefault();
    await step(name, this.dataset.id);
  }

  async onChanged({ id, gone }) {
    forgetViews();
    if (gone !== undefined) noteGone(id, gone);
    const onwards = this.link("next") ?? this.link("prev");
    if (!gone || id !== Number(this.dataset.id)) await this.refresh();
    else if (onwards) await this.goTo(onwards.href);
    else this.leave();
  }

  /* Redraw what is around the picture; the picture itself keeps its zoom and position. */
  async refresh() {
    const view = await viewOf(location.href);
    if (!view || !this.isConnected) return;
    this.querySelector(".beside").replaceWith(view.querySelector(".beside"));
    const [before, after] = [this, view].map((one) => one.querySelector(".side"));
    const form = document.activeElement.closest(".side form");
    const kind = form && Object.keys(form.dataset)[0];
    const { scrollTop } = before;
    keepTyped(before, after);
    before.replaceWith(after);
    enliven(after);
    after.scrollTop = scrollTop;
    if (kind) after.querySelector(`[data-${kind}] button`)?.focus();
  }

  follow(rel) {
    const link = this.link(rel);
    return link && this.goTo(link.href);
  }

  /* Show another picture instead of this one, which stays if none came. */
  async goTo(href) {
    const view = await viewOf(href);
    if (!view || !this.isConnected) return;
    const rel = this.contains(document.activeElement) && document.activeElement.rel;
    history.replaceState(history.state, "", href);
    document.title = document.title.replace(this.dataset.title, () => view.dataset.title);
    this.replaceWith(view);
    (view.querySelector(rel ? `[rel=${rel}]` : "none") ?? view).focus({ preventScroll: true });
  }

  escape() {
    if (this.canvas?.isZoomed) this.canvas.fit();
    else this.leave();
  }

  leave() {
    if (this.page) this.page.leave(this.querySelector("a[data-back]").href);
    else this.dispatchEvent(new CustomEvent("left", { bubbles: true }));
  }
}

customElements.define("studio-picture", StudioPicture);
