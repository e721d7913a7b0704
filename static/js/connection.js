/* The line about connection problems: offline, logged out, no answer. The next answer hides it. */

// After so many milliseconds without an answer the page says that it is still waiting.
const SLOW = 8000;
const LASTING = new Set(["offline", "ended", "stranger", "unsafe", "silent"]);

const line = document.getElementById("connection");
const waiting = new Set();
let state = "";
let begun = 0;
// Answers to requests sent before the problem began do not end it.
let troubledAfter = 0;

/* Return the current problem, "" if there is none. */
export const connection = () => state;

/* Register a request; returns what `end` takes. */
export function begin() {
  begun += 1;
  const request = { number: begun, timer: setTimeout(() => late(request), SLOW) };
  return request;
}

/* Unregister a request; `trouble` is null if it was aborted. */
export function end(request, trouble = null) {
  clearTimeout(request.timer);
  waiting.delete(request);
  if (LASTING.has(trouble)) fail(trouble);
  else if (state === "slow" || (trouble !== null && request.number > troubledAfter)) show("");
}

function fail(trouble) {
  troubledAfter = begun;
  show(trouble);
}

function late(request) {
  waiting.add(request);
  if (!state) show("slow");
}

function show(trouble) {
  const now = trouble || (waiting.size ? "slow" : "");
  if (now === state) return;
  state = now;
  for (const one of line.children) one.hidden = one.dataset.when !== state;
  line.hidden = !state;
  const here = new URLSearchParams({ next: location.pathname + location.search });
  line.querySelector("[data-next]").search = here;
}

window.addEventListener("offline", () => fail("offline"));
window.addEventListener("online", () => show(""));
if (!navigator.onLine) fail("offline");
