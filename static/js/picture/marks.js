/* Tags, note and collections beside a large picture follow what was undone or done in a dialog. */

import { routeOf } from "../addresses.js";
import { get, loadInPlaceOf } from "../requests.js";
import { take } from "../toasts.js";

const panel = () => document.getElementById("marks");

/* What is being typed stays: only the list is drawn anew. */
function renew() {
  const list = document.getElementById("held");
  if (list) loadInPlaceOf(list, panel().dataset.path, "#held").catch(() => null);
}

async function renewNote() {
  const { text, ok } = await get(panel().dataset.path);
  const answer = new DOMParser().parseFromString(text, "text/html");
  const [now, before] = [document, answer].map((one) => one.getElementById("note-of-picture"));
  if (ok && now && before) now.value = before.value;
}

/* The undo of a toast leaves the picture open. */
async function onSubmit(event) {
  if (!event.target.closest(".toasts")) return;
  const { pathname, search } = new URL(event.target.action);
  if (routeOf(pathname).name !== "picture_marks") return;
  event.preventDefault();
  if (!(await take(pathname + search)) || !panel()) return;
  if (search.includes("note_back")) renewNote();
  else renew();
}

/* Tags that were put on leave the field. */
function onAnswer({ detail }) {
  if (detail.successful && detail.elt.matches(".add-tag")) detail.elt.reset();
}

document.addEventListener("submit", onSubmit);
document.addEventListener("htmx:afterRequest", onAnswer);
document.addEventListener("pictures-marked", renew);
