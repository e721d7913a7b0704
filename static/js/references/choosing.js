/* The dialog with pictures of a gallery: a click adds one to the references, or removes it. */

import { isHeldClick } from "../keys.js";

const dialog = () => document.getElementById("choosing");
const list = () => document.getElementById("references");
const chosen = (id) => list()?.querySelector(`[data-picture-id="${Number(id)}"]`);

function onClick(event) {
  if (isHeldClick(event)) return;
  const opener = event.target.closest("#references [data-gallery]");
  const picture = event.target.closest("#choosing [data-choice]");
  if (!dialog() || !(opener || picture)) return;
  event.preventDefault();
  if (opener) open();
  else choose(picture);
}

function open() {
  dialog().showModal();
  dialog().querySelector("form.find").requestSubmit();
}

async function choose(picture) {
  const trouble = dialog().querySelector("[data-trouble]");
  trouble.hidden = true;
  const known = chosen(picture.dataset.choice);
  picture.setAttribute("aria-busy", "true");
  if (known) {
    known.remove();
    list().changed();
  } else if (!(await list().addPicture(picture.dataset.choice))) {
    trouble.textContent = list().querySelector("[data-trouble]").textContent;
    trouble.hidden = false;
  }
  picture.removeAttribute("aria-busy");
  mark();
}

/* Make each link a toggle button, pressed while its picture is among the references. */
function mark() {
  for (const picture of dialog()?.querySelectorAll("[data-choice]") ?? []) {
    picture.setAttribute("role", "button");
    picture.setAttribute("aria-pressed", String(Boolean(chosen(picture.dataset.choice))));
  }
}

function onKey(event) {
  if (event.key === " " && event.target.matches?.("#choosing [data-choice]")) {
    event.preventDefault();
    event.target.click();
  }
}

document.addEventListener("click", onClick);
document.addEventListener("keydown", onKey);
document.addEventListener("htmx:afterSettle", (event) => {
  if (event.target.closest?.("#choosing")) mark();
});
