/* Keep a page whose form the browser would send itself, with all that was typed, while the
   studio cannot be reached or somebody else is logged in. */

import { connection } from "./connection.js";
import { look } from "./polls.js";
import { tell } from "./toasts.js";

const LOST = new Set(["offline", "silent", "ended", "stranger"]);

function onSubmit(event) {
  if (event.defaultPrevented || event.target.method !== "post" || !LOST.has(connection())) return;
  event.preventDefault();
  tell(connection());
  // The problem may be over by now; then the next press succeeds.
  look();
}

// After all other handlers: forms that scripts send never leave the page.
window.addEventListener("submit", onSubmit);
