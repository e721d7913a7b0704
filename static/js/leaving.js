/* A form that the browser sends by itself takes the page along: while the studio cannot be reached,
   or somebody else is logged in, it stays here with all that was typed. */

import { connection } from "./connection.js";
import { look } from "./polls.js";
import { tell } from "./toasts.js";

const LOST = new Set(["offline", "ended", "stranger"]);

function onSubmit(event) {
  if (event.defaultPrevented || event.target.method !== "post" || !LOST.has(connection())) return;
  event.preventDefault();
  tell(connection());
  // It may be over by now; then the next press goes through.
  look();
}

// After all others: what script takes over never leaves the page.
window.addEventListener("submit", onSubmit);
