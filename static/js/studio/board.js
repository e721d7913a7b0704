/* The board as it is now: one request asks for all open cards; now and then, and when somebody
   comes back to the page, also for what other tabs and devices have changed or started. */

// Between two looks at what others did, in milliseconds.
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
  // What is being sent from here comes with its own answer.
  if (!looks || document.querySelector("[data-state=sending]")) return;
  looked = performance.now();
  parameters.set("after", newest());
  parameters.set("shown", listed("shown"));
}

/* A card with a button under way is redrawn by that button's own answer: an answer to a form that
   the poll has replaced finds neither its card nor the counts beside it. */
function onCard(event) {
  const { target, fragment } = event.detail;
  if (target.matches("[data-generation]:has(.htmx-request)")) event.detail.shouldSwap = false;
  if (target.id === "results") leaveOutKnown(fragment);
}

/* A card may have come by its own answer while the poll was under way. */
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

document.addEventListener("look", onLook, { capture: true });
document.addEventListener("htmx:configRequest", onPoll);
document.addEventListener("htmx:oobBeforeSwap", onCard);
