/* When the page polls: at once when somebody returns to it, rarely while the studio does not
   answer, not at all while offline or while somebody else is logged in. */

import { connection } from "./connection.js";
import { poll } from "./requests.js";

// The time between two polls of a studio that does not answer, in milliseconds.
const RETRY = 5000;
// A hidden page needs neither; its board still polls, for the title and the notifications.
const SEEN_ONLY = new Set(["lines", "jobs"]);

const asked = new Map();

function onAsk(event) {
  const name = event.target.dataset?.poll;
  if (!name) return;
  const { triggeringEvent } = event.detail;
  if (triggeringEvent?.type === "look" || isDue(name)) asked.set(name, performance.now());
  else event.preventDefault();
}

function isDue(name) {
  const state = connection();
  if (state === "silent") return performance.now() - (asked.get(name) ?? 0) > RETRY;
  return (!state || state === "slow") && !(document.hidden && SEEN_ONLY.has(name));
}

/* Poll now, unless the page is hidden or offline. */
export function look() {
  if (document.hidden || connection() === "offline") return;
  for (const element of document.querySelectorAll("[data-poll]")) poll(element);
}

document.addEventListener("htmx:configRequest", onAsk);
document.addEventListener("visibilitychange", look);
window.addEventListener("pageshow", (event) => event.persisted && look());
window.addEventListener("online", look);
