/* Polling of the board: one request asks for all open cards and, now and then or when somebody
   returns to the page, also for what other tabs and devices have changed or started. */

import { poll } from "../requests.js";

// The time between two checks for changes by other pages, in milliseconds.
const LOOK = 15_000;

let looked = performance.now();

const all = (name) => [...document.querySelectorAll(`#results [data-${name}]`)];
const listed = (name) => all(name).map((card) => card.dataset[name]).join(",");
const newest = () => Math.max(0, ...all("generation").map((card) => card.dataset.generation));

function onPoll(event) {
  if (event.target.id !== "poll" || event.defaultPrevented) return;
  const open = listed("seen");
  const looks = !document.hidden && performance.now() - looked > LOOK;
  if (!open && !looks) {
    event.preventDefault();
    return;
  }
  const { parameters } = event.detail;
  parameters.set("seen", open);
  parameters.set("lines", document.querySelector("[data-poll=lines]")?.dataset.stamp ?? "");
  // Requests being sent from here get their cards by their own answer.
  if (!looks || document.querySelector("[data-state=sending]")) return;
  looked = performance.now();
  parameters.set("after", newest());
  parameters.set("shown", listed("shown"));
}

/* A card whose button is being processed is redrawn by that button's own answer: if the poll
   replaced its form, the answer would find neither the card nor the counts beside it. */
function onCard(event) {
  const { target, fragment } = event.detail;
  if (target.matches("[data-generation]:has(.htmx-request)")) event.detail.shouldSwap = false;
  if (target.id === "results") leaveOutKnown(fragment);
}

/* Drop cards that came by their own answer while the poll was running. */
function leaveOutKnown(fragment) {
  for (const card of fragment.querySelectorAll("[id]")) {
    if (document.getElementById(card.id)) card.remove();
  }
  for (const block of fragment.querySelectorAll("[data-run]:not(:has([data-generation]))")) {
    block.remove();
  }
}

function onLook(event) {
  if (event.target.id === "poll") looked = -LOOK;
}

/* A request for money was answered: what waited for it may be on the board now. */
function onAnswered() {
  poll(document.getElementById("poll"));
}

document.addEventListener("answered", onAnswered);
document.addEventListener("look", onLook, { capture: true });
document.addEventListener("htmx:configRequest", onPoll);
document.addEventListener("htmx:oobBeforeSwap", onCard);
