/* Background jobs: their menu in the bar, which stays open while its content is renewed; what they
   have changed; their undo in toasts. */

import { routeOf } from "./addresses.js";
import { poll } from "./requests.js";
import { take } from "./toasts.js";

const shown = () => document.getElementById("jobs");
const menu = () => shown().querySelector("details");
const before = { isOpen: false, jobs: 0 };

/* Look at once for a job that this page has just started. */
export const lookForJobs = () => poll(shown());

/* Many pictures of a gallery may have changed. */
function lookAgain() {
  const gallery = document.querySelector("studio-gallery");
  gallery?.view?.windows.askAgain();
  gallery?.refresh();
}

function onLeave({ detail: { target } }) {
  if (target !== shown()) return;
  Object.assign(before, { isOpen: menu()?.open ?? false, jobs: Number(target.dataset.open) });
}

function onCome({ detail: { target } }) {
  if (target.id !== "jobs") return;
  if (menu()) menu().open = before.isOpen;
  if (Number(shown().dataset.open) < before.jobs) lookAgain();
}

/* The undo of many pictures leaves the page where it is. */
async function onSubmit(event) {
  const path = event.target.getAttribute("action") ?? "";
  if (!event.target.closest(".toasts") || routeOf(path).name !== "job_undo") return;
  event.preventDefault();
  if (!(await take(path))) return;
  lookForJobs();
  lookAgain();
}

document.addEventListener("htmx:beforeSwap", onLeave);
document.addEventListener("htmx:afterSwap", onCome);
document.addEventListener("submit", onSubmit);
