/* Review: one key, press or swipe answers for a picture, and the next one is there at once. */

import { StudioElement } from "./element.js";
import { hasOpenDialog, isChord, isInField, isModified, keyOf } from "./keys.js";
import "./picture/canvas.js";
import { leave } from "./review/leaving.js";
import { Marks } from "./review/marks.js";
import { Steps } from "./review/steps.js";
import { showSummary } from "./review/summary.js";

const KEYS = {
  f: "star", 1: "star", x: "reject", r: "reject", " ": "skip", ArrowRight: "skip",
  z: "undo", ArrowLeft: "undo",
};
const SWIPES = { next: "reject", prev: "star" };
const ZOOMS = { "+": 1, "=": 1, "-": -1 };

const isCovered = () => hasOpenDialog() || document.querySelector("details[open]") !== null;

class StudioReview extends StudioElement {
  connect() {
    this.answers = [];
    this.count = { all: Number(this.dataset.left), isLeast: Boolean(this.dataset.least) };
    this.steps = new Steps();
    this.marks = new Marks((given) => this.takeBack(given));
    this.listen(document, "keydown", (event) => this.onKey(event));
    this.listen(this, "click", (event) => this.onClick(event));
    this.listen(this, "submit", (event) => this.onSubmit(event));
    this.listen(this, "wiped", (event) => this.answer(SWIPES[event.detail]));
    this.show(this.step);
  }

  get step() {
    return this.querySelector(".step-of-review");
  }

  onKey(event) {
    if (event.defaultPrevented || isChord(event) || isInField(event) || isCovered()) return;
    const act = this.actOf(event);
    if (!act) return;
    event.preventDefault();
    if (!event.repeat) act();
  }

  /* Return what a key does here, or null. */
  actOf(event) {
    const key = keyOf(event);
    if (!isModified(event)) return this.actOfKey(key, event.target);
    return key === "z" && !event.altKey ? () => this.undo() : null;
  }

  actOfKey(key, target) {
    const canvas = this.step.querySelector("studio-canvas");
    if (key === "Escape") return () => (canvas?.isZoomed ? canvas.fit() : leave(this));
    if (canvas && ZOOMS[key]) return () => canvas.zoomBy(ZOOMS[key]);
    if (canvas && key === "0") return () => canvas.fit();
    // Space on a focused button or link is a press of that.
    if (key === " " && target.closest("button, a")) return null;
    return KEYS[key] ? () => this.answer(KEYS[key]) : null;
  }

  onClick(event) {
    const leaves = event.target.closest("[data-leave]");
    const pressed = event.target.closest("a[data-answer], button[data-answer]");
    if (!leaves && !pressed) return;
    event.preventDefault();
    if (leaves) leave(this);
    else this.answer(pressed.dataset.answer);
  }

  onSubmit(event) {
    const { answer } = event.target.dataset;
    if (!answer) return;
    event.preventDefault();
    this.answer(answer);
  }

  answer(what) {
    if (what === "undo") this.undo();
    else if (what && this.step.dataset.id && !this.waits) this.give(what);
  }

  async give(what) {
    const { step } = this;
    const given = { step, what, before: step.dataset.mark };
    this.answers.push(given);
    if (what !== "skip") this.marks.set(given, what);
    this.say(what);
    this.waits = true;
    const next = await this.steps.at(step.dataset.onwards);
    this.waits = false;
    if (next) this.show(next);
    else if (this.answers.at(-1) === given) this.takeBack(given);
  }

  /* Return to the picture answered last, as it was before. */
  undo() {
    if (this.waits) return;
    const given = this.answers.pop();
    if (!given) {
      this.goBack();
      return;
    }
    if (given.what !== "skip") this.marks.set(given, given.before || "none");
    this.show(given.step);
    this.say("undone");
  }

  /* Show the picture before the one where this review began. */
  async goBack() {
    const { before } = this.step.dataset;
    this.waits = Boolean(before);
    const step = before ? await this.steps.at(before) : null;
    this.waits = false;
    if (!step) return;
    this.count.all += 1;
    this.show(step);
  }

  /* The studio did not take an answer: the toast says why. */
  takeBack(given) {
    this.answers = this.answers.filter((one) => one !== given);
    given.step.dataset.mark = given.before;
    this.show(given.step);
  }

  show(step) {
    const isEnd = !step.dataset.id && this.answers.length > 0;
    const shown = isEnd ? showSummary(this) : step;
    this.step.replaceWith(shown);
    if (step.dataset.here) history.replaceState(history.state, "", step.dataset.here);
    this.showProgress(isEnd);
    if (isEnd) shown.querySelector("h2").focus();
    this.steps.fetchAhead(step);
  }

  showProgress(isEnd) {
    const { all, isLeast } = this.count;
    const place = Math.min(this.answers.length + (isEnd ? 0 : 1), isLeast ? Infinity : all);
    const words = this.dataset.place.replace("{}", place).replace("{}", isLeast ? `${all}+` : all);
    this.querySelector("[data-progress]").value = all ? words : "";
  }

  say(what) {
    this.querySelector("[data-said]").textContent = this.dataset[`${what}Said`];
  }
}

customElements.define("studio-review", StudioReview);
