/* The studio's form and board: keys, example prompts, chosen options. */

import { hasOpenDialog, isInField } from "./keys.js";
import "./studio-elements.js";
import "./studio/board.js";
import "./studio/drafts.js";
import "./studio/filling.js";
import "./studio/sending.js";
import "./studio/variables.js";
import "./studio/sheet.js";

// The fields under "More options".
const FIELDS =
  "input[type=radio]:checked, select, input[type=number], input.input:not([type])";

const composer = () => document.getElementById("composer");
let byKeyboard = false;

function onKey(event) {
  byKeyboard = event.key.startsWith("Arrow");
  if (event.key === "Enter") onEnter(event);
  if (event.key === "/" && !isInField(event) && !hasOpenDialog()) {
    event.preventDefault();
    document.getElementById("prompt")?.focus();
  }
}

/* Only the button, and Ctrl or ⌘ with Enter in the form, spend money, a held key only once;
   Enter in a small field does not, and in a dialog or on a link it has another meaning. */
function onEnter(event) {
  if (!composer().contains(event.target) || hasOpenDialog() || event.target.closest("a")) return;
  if (event.metaKey || event.ctrlKey) {
    event.preventDefault();
    if (!event.repeat) composer().requestSubmit(composer().querySelector(".go"));
  } else if (event.target.matches("input")) {
    event.preventDefault();
    if (event.target.closest(".picker")) closePicker();
  }
}

function closePicker() {
  const picker = composer().querySelector(".picker");
  picker.open = false;
  picker.querySelector("summary").focus();
}

function onClick(event) {
  if (event.target.matches(".model-option input") && !byKeyboard) closePicker();
  const example = event.target.closest("[data-example]");
  const prompt = document.getElementById("prompt");
  if (!example || !prompt) return;
  event.preventDefault();
  prompt.value = example.dataset.example;
  prompt.dispatchEvent(new Event("input", { bubbles: true }));
  prompt.focus();
}

/* Show the values set under "More options" beside its closed summary. */
function onChange(event) {
  const options = event.target.closest("details.options");
  if (!options) return;
  const chosen = options.querySelectorAll(FIELDS);
  const words = [...chosen].filter((field) => field.value).map(wordFor);
  options.querySelector(".set").textContent = words.join(" · ");
}

function wordFor(field) {
  if (field.type === "radio") return field.closest("label").textContent.trim();
  return field.tagName === "SELECT" ? field.selectedOptions[0].textContent : field.value;
}

function onComposerSwap(event) {
  if (event.target.id !== "composer") return;
  const faults = composer().querySelector(".note[role=alert]");
  if (faults) (composer().querySelector("[aria-invalid]") ?? faults).focus();
  const picker = composer().querySelector(".picker");
  if (byKeyboard && picker) {
    picker.open = true;
    picker.querySelector(":checked").focus();
  }
  showCombo();
}

function showCombo() {
  if (!/Mac|iPhone|iPad/.test(navigator.platform)) return;
  for (const combo of document.querySelectorAll(".combo")) combo.textContent = "⌘ ↵";
}

document.addEventListener("keydown", onKey);
document.addEventListener("pointerdown", () => (byKeyboard = false));
document.addEventListener("click", onClick);
document.addEventListener("change", onChange);
document.addEventListener("htmx:afterSettle", onComposerSwap);
showCombo();
