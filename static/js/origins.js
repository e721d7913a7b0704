/* The origin of a picture that is dropped or pasted: the studio may have made it. A note then
   offers its settings. Other files go on as references, or are said to be unknown. */

import { address } from "./addresses.js";
import { enliven, post } from "./requests.js";
import { say } from "./toasts.js";

const LARGEST = 64 * 2 ** 20;
const BEGIN = "<x:xmpmeta";
const END = "</x:xmpmeta>";

const place = () => document.getElementById("origin");
const hasForm = () => Boolean(document.getElementById("references"));

/* Show where a file comes from; resolves to whether that is known. `asReference` is called if
   the file is to be a reference anyway. */
export async function showOrigin(file, asReference) {
  if (!place() || file.size > LARGEST) return false;
  const { text, ok } = await post(address("origin"), await read(file));
  if (!ok || !text) return false;
  place().innerHTML = text;
  place().asReference = asReference;
  enliven(place());
  place().querySelector(".origin").focus();
  return true;
}

/* Return what the studio needs to know. Only a secure page can compute the digest: on another
   the whole file is sent. */
async function read(file) {
  const body = new FormData();
  if (hasForm()) body.set("form", "1");
  if (!crypto.subtle) {
    body.set("file", file);
    return body;
  }
  const bytes = await file.arrayBuffer();
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  body.set("sha256", [...digest].map((one) => one.toString(16).padStart(2, "0")).join(""));
  body.set("xmp", packetIn(bytes));
  return body;
}

/* Return the XMP packet in a file of any format, "" without one. */
function packetIn(bytes) {
  const text = new TextDecoder("latin1").decode(bytes);
  const start = text.indexOf(BEGIN);
  const end = text.indexOf(END, start);
  if (start < 0 || end < 0) return "";
  return new TextDecoder().decode(bytes.slice(start, end + END.length));
}

function onClick({ target }) {
  if (!target.closest?.("#origin")) return;
  if (target.closest("[data-origin-reference]")) place().asReference?.();
  const done = "[data-origin-done], [data-origin-reference], [data-origin-close]";
  // A form in the note has to be sent first.
  if (target.closest(done)) setTimeout(() => place().replaceChildren());
}

/* A picture dragged on the page itself is no file from outside. */
let dragged = false;

function onDragOver(event) {
  if (dragged || hasForm() || !event.dataTransfer.types.includes("Files")) return;
  event.preventDefault();
}

async function onDrop(event) {
  const [file] = event.dataTransfer.files;
  if (dragged || hasForm() || !file) return;
  event.preventDefault();
  if (!(await showOrigin(file))) say(place().dataset.unknown);
}

async function onPaste(event) {
  const [file] = event.clipboardData.files;
  if (hasForm() || !file) return;
  event.preventDefault();
  if (!(await showOrigin(file))) say(place().dataset.unknown);
}

document.addEventListener("click", onClick);
if (place()) {
  document.addEventListener("dragstart", () => (dragged = true));
  document.addEventListener("dragend", () => (dragged = false));
  document.addEventListener("dragover", onDragOver);
  document.addEventListener("drop", onDrop);
  document.addEventListener("paste", onPaste);
}
