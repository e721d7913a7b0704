/* Announce what ends while the page is hidden: in the tab's title and, if switched on, by a
   notification and a sound, once per group. */

import { chime } from "./notices/chime.js";
import { notify, permission, wants } from "./notices/switches.js";

const DONE = "✓ ";

const groupOf = (card) =>
  `[data-generation][data-group="${CSS.escape(card.dataset.group)}"]`;
const isOpen = (card) => "seen" in card.dataset;
const unseen = new Set();
let allDone = false;

/* Send the displayed counts of the queue: an answer comes only if they differ. */
function onPoll(event) {
  const queue = document.querySelector("[data-queue]");
  if (event.target.id === "poll" && queue) {
    event.detail.parameters.set("queue", queue.dataset.queue);
  }
}

/* Before a card is replaced: note whether its request just ended. */
function onReplace(event) {
  const old = event.detail.target;
  const card = event.detail.fragment?.querySelector("[data-group]");
  if (!document.hidden || !old?.dataset?.group || !card) return;
  if (isOpen(old) && !isOpen(card)) unseen.add(groupOf(card));
}

function onAnswer(event) {
  if (event.target.id !== "poll" || !unseen.size) return;
  for (const group of unseen) {
    const cards = [...document.querySelectorAll(group)];
    if (cards.some(isOpen)) continue;
    unseen.delete(group);
    if (document.hidden) tell(group, cards);
  }
}

function tell(group, cards) {
  allDone = !document.querySelector("[data-seen]");
  showTitle();
  if (wants("sound")) chime();
  if (wants("notice") && permission() === "granted") announce(group, cards);
}

function announce(group, cards) {
  const notice = notify(titleFor(cards), {
    body: cards[0].querySelector("h2, h3")?.textContent,
    tag: group,
    icon: document.querySelector("link[rel=icon]").href,
  });
  notice?.addEventListener("click", () => {
    window.focus();
    notice.close();
  });
}

function titleFor(cards) {
  const words = document.querySelector("studio-notices").dataset;
  const failed = cards.filter((card) => card.dataset.state !== "done").length;
  if (!failed) return words.done;
  return failed === cards.length ? words.failed : words.mixed;
}

/* The page of a run polls its own grid, which contains how many of its requests are open. */
let runOpen = 0;
const pageTitle = document.title;

function onGrid() {
  const grid = document.getElementById("run-grid");
  if (!grid) return;
  const open = Number(grid.dataset.open);
  document.title = open ? `(${open}) ${pageTitle}` : pageTitle;
  if (runOpen && !open && document.hidden) {
    tell(grid.dataset.run, [...grid.querySelectorAll("[data-generation]")]);
  }
  runOpen = open;
}

/* The answer sets a title of its own, before or after its cards. */
function showTitle() {
  if (allDone && !document.title.startsWith(DONE)) document.title = DONE + document.title;
}

function onVisible() {
  if (document.hidden) return;
  unseen.clear();
  allDone = false;
  if (document.title.startsWith(DONE)) document.title = document.title.slice(DONE.length);
}

document.addEventListener("htmx:configRequest", onPoll);
document.addEventListener("htmx:oobBeforeSwap", onReplace);
document.addEventListener("htmx:afterRequest", onAnswer);
document.addEventListener("htmx:afterSettle", onGrid);
document.addEventListener("visibilitychange", onVisible);
onGrid();
new MutationObserver(showTitle).observe(document.querySelector("title"), { childList: true });
