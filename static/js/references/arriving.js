/* Images pasted or dropped anywhere on the page become references. */

import { routeOf } from "../addresses.js";
import { showOrigin } from "../origins.js";

const LOOKS_LIKE_A_PICTURE = /^image\/|^$/;

const filesOf = (transfer) =>
  [...(transfer?.files ?? [])].filter((file) => LOOKS_LIKE_A_PICTURE.test(file.type));

/* Word processors copy text together with a picture of it: in a text field the text is meant. */
const isTextPaste = (event) =>
  event.target.closest?.("input, textarea") && event.clipboardData.types.includes("text/plain");

const references = () => document.getElementById("references");

/* One file may have been made here: then its origin is shown, and what to do is asked. */
async function take(files) {
  const asReferences = () => references()?.add(files);
  if (files.length === 1 && (await showOrigin(files[0], asReferences))) return;
  asReferences();
}

function onPaste(event) {
  const files = filesOf(event.clipboardData);
  if (!files.length || !references() || isTextPaste(event)) return;
  event.preventDefault();
  take(files);
}

let draggedPicture = 0;

/* Dragging a picture means the picture itself, not the small copy that the browser provides. */
function onDragStart(event) {
  const link = event.target.closest?.("a[href]");
  const { name, number } = link ? routeOf(link.pathname) : {};
  draggedPicture = name === "picture" ? number : 0;
}

/* Files may be dropped anywhere on the page, a picture of the board onto the form. */
function mayDrop(event) {
  if (!references()) return false;
  if (draggedPicture) return event.target.closest?.("#composer");
  return event.dataTransfer.types.includes("Files");
}

function onDragOver(event) {
  if (!mayDrop(event)) return;
  event.preventDefault();
  references().classList.add("over");
}

function onDragLeave(event) {
  if (!event.relatedTarget) references()?.classList.remove("over");
}

function onDrop(event) {
  references()?.classList.remove("over");
  if (!mayDrop(event)) return;
  event.preventDefault();
  if (draggedPicture) {
    references().addPicture(draggedPicture);
    return;
  }
  // Files of other types too: the answer explains what is wrong with them.
  take([...event.dataTransfer.files]);
}

document.addEventListener("paste", onPaste);
document.addEventListener("dragstart", onDragStart);
document.addEventListener("dragover", onDragOver);
document.addEventListener("dragleave", onDragLeave);
document.addEventListener("drop", onDrop);
