/* The end of a review: what was answered, and the rejected ones into the trash. */

import { address } from "../addresses.js";
import { take } from "../toasts.js";

// The studio takes so many in one request.
const AT_ONCE = 500;

export function showSummary(review) {
  const part = document.importNode(review.querySelector("[data-end]").content, true);
  const summary = part.firstElementChild;
  const steps = new Map(review.answers.map(({ step, what }) => [step.dataset.id, { step, what }]));
  const answers = [...steps.values()];
  for (const place of summary.querySelectorAll("[data-count]")) {
    place.textContent = answers.filter(({ what }) => what === place.dataset.count).length;
  }
  const rejected = answers.filter(({ what }) => what === "reject");
  const ids = rejected.map(({ step }) => step.dataset.id);
  offerTrash(review, summary.querySelector("[data-trash]"), ids);
  return summary;
}

function offerTrash(review, button, rejected) {
  const words = button.querySelector("[data-words]");
  words.textContent = words.dataset.words.replace("{}", rejected.length);
  button.hidden = !rejected.length;
  button.addEventListener("click", async () => {
    button.disabled = true;
    // The answers may still be on their way.
    await review.marks.last;
    const data = new URLSearchParams({ action: "trash" });
    for (const id of rejected.slice(0, AT_ONCE)) data.append("ids", id);
    const done = await take(address("bulk"), data);
    button.disabled = false;
    if (done) offerTrash(review, fresh(button), rejected.slice(AT_ONCE));
  });
}

/* Return a copy of a button in its place, without its listener. */
function fresh(button) {
  const copy = button.cloneNode(true);
  button.replaceWith(copy);
  return copy;
}
