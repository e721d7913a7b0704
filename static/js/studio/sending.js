/* Send the studio's form: placeholder tiles appear at once, and the cards replace them. What is
   sent is the form at the time of the press; meanwhile the next request can be written. */

import { postInPlaceOf } from "../requests.js";
import { showFaults } from "./typed.js";

// Two presses within this time, in milliseconds, count as one.
const DOUBLE_PRESS = 700;
const NOT_ASKED = new Set(["csrfmiddlewaretoken", "click", "ask-for"]);
const OK = 200;
const REFUSED = 422;
const FAULTS = ".note[role=alert], .more-money, .field > .error:not([data-trouble])";
const SHAPE = /^(\d+)[:x](\d+)$/;
// The server's limits for tiles.
const [NARROWEST, WIDEST] = [0.4, 3.2];
const STEPS_PER_OCTAVE = 42;

const underWay = new Set();
// What each placeholder tile asks for.
const wishes = new WeakMap();
let last = { asked: "", at: -DOUBLE_PRESS };

const composer = () => document.getElementById("composer");

function onSubmit(event) {
  const form = event.target;
  if (form.id !== "composer" || event.defaultPrevented) return;
  event.preventDefault();
  const data = new FormData(form, event.submitter);
  const asked = askedBy(data);
  const isDouble = asked === last.asked && event.timeStamp - last.at < DOUBLE_PRESS;
  if (isDouble || underWay.has(asked)) return;
  last = { asked, at: event.timeStamp };
  send(form, data, asked);
}

/* Return everything that the form asks for as one text, to compare requests. */
function askedBy(data) {
  const wanted = [...data].filter(([name]) => !NOT_ASKED.has(name));
  return JSON.stringify(wanted.map(([name, value]) => [name, value.name ?? value, value.size]));
}

async function send(form, data, asked) {
  const place = placeFor(form, data);
  underWay.add(asked);
  wishes.set(place, asked);
  enable();
  try {
    await postInPlaceOf(place, form.getAttribute("action"), data);
  } catch {
    // No answer came: toasts.js has shown a message, and the form is unchanged.
  }
  underWay.delete(asked);
  place.remove();
  removeDoubles();
  enable();
}

/* The same request cannot be sent again while it is being sent; another one can. */
function enable() {
  const form = composer();
  form.querySelector(".go").disabled = underWay.has(askedBy(new FormData(form)));
}

function placeFor(form, data) {
  const place = document.getElementById("sending").content.firstElementChild.cloneNode(true);
  const [first] = place.querySelectorAll(".tile");
  const name = form.querySelector(".picker .chosen strong")?.textContent ?? "";
  place.querySelector("h3").textContent = data.get("prompt")?.trim() || name;
  place.querySelector(".meta").textContent = data.get("prompt") ? name : "";
  first.dataset.ratio = ratioOf(data).toFixed(2);
  const more = Math.max(Number(data.get("n")) - 1, 0);
  for (let n = 0; n < more; n += 1) first.after(emptied(first));
  document.getElementById("results").prepend(place);
  return place;
}

function emptied(tile) {
  const copy = tile.cloneNode();
  copy.replaceChildren();
  return copy;
}

function ratioOf(data) {
  const shapes = ["aspect_ratio", "size"].map((name) => SHAPE.exec(data.get(name) ?? ""));
  const [, width, height] = shapes.find(Boolean) ?? [null, 1, 1];
  const ratio = Math.min(Math.max(width / height, NARROWEST), WIDEST);
  // As models/aspects.py rounds it, so that the card which follows has the same shape.
  return 2 ** (Math.round(STEPS_PER_OCTAVE * Math.log2(ratio)) / STEPS_PER_OCTAVE);
}

/* Repeated answers to one click bring cards that are on the board already. */
function removeDoubles() {
  for (const card of document.querySelectorAll("#results [id]")) {
    if (document.getElementById(card.id) !== card) card.remove();
  }
}

/* Remove the error messages of a form that was accepted. */
function onAccepted(event) {
  const form = composer();
  const { pathInfo, xhr } = event.detail;
  if (xhr.status !== OK || pathInfo.requestPath !== form?.getAttribute("action")) return;
  for (const fault of form.querySelectorAll(FAULTS)) fault.remove();
  for (const field of form.querySelectorAll("[aria-invalid]")) {
    field.removeAttribute("aria-invalid");
  }
}

/* The answer to a refused form is that form; it must not replace a newer one. */
function onAnswer(event) {
  const { requestConfig, serverResponse, xhr } = event.detail;
  const asked = wishes.get(requestConfig.elt);
  if (!asked || xhr.status !== REFUSED || askedBy(new FormData(composer())) === asked) return;
  event.detail.shouldSwap = false;
  showFaults(composer(), serverResponse);
}

function onEdit(event) {
  if (underWay.size && event.target.closest("#composer")) enable();
}

document.addEventListener("submit", onSubmit);
document.addEventListener("input", onEdit);
document.addEventListener("change", onEdit);
document.addEventListener("htmx:afterRequest", onAccepted);
document.addEventListener("htmx:beforeSwap", onAnswer);
