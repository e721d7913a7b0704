/* The line that says that this page and the studio are apart: offline, logged out, no answer. It
   goes away with the next answer. */

// After so many milliseconds without an answer the page says that it still waits.
const SLOW = 8000;
const LASTING = new Set(["offline", "ended", "stranger", "silent"]);

const line = document.getElementById("connection");
const waiting = new Set();
let state = "";
let begun = 0;
// An answer to what was asked before the trouble came says nothing about it.
let troubledAfter = 0;

/* "" while all is well, else what is in the way. */
export const connection = () => state;

/* A request begins; returns what `end` is called with. */
export function begin() {
  begun += 1;
  const request = { number: begun, timer: setTimeout(() => late(request), SLOW) };
  return request;
}

/* The request is over; `trouble` is null where it was taken back. */
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
