/* The command palette: ⌘K or Ctrl+K finds places, actions, models and prompts. Every option is a
   link; an option that this page can perform itself is performed in place. Without script its
   button leads to the prompt history. */

import { hasOpenDialog, isHeldClick, keyOf } from "./keys.js";

const ACCENTS = /[\u0300-\u036f]/g;
const CUT = "#palette-prompts :not([data-prompt])";
const SHOWN = "[role=option]:not([hidden])";

const palette = document.getElementById("palette");
const words = document.getElementById("palette-words");
const search = palette.querySelector("[data-search]");
const told = palette.querySelector("[data-count]");
let active = null;
let answered = "";
let stepped = false;
let named = 0;

/* Fold text like the server: words that differ in case, accents, ё or ß are equal. */
const fold = (text) =>
  text.normalize("NFKD").replace(ACCENTS, "").toLowerCase().replaceAll("ß", "ss");

const wordsIn = (text) => fold(text).split(/\s+/).filter(Boolean);

const shown = () => [...palette.querySelectorAll(SHOWN)];

function open() {
  if (palette.open || hasOpenDialog()) return;
  words.value = "";
  stepped = false;
  palette.showModal();
  palette.dispatchEvent(new Event("opened"));
  narrow();
}

/* The server searched the whole of a prompt that is shown cut; its answer to these words stands. */
function narrow() {
  const sought = wordsIn(words.value);
  for (const option of palette.querySelectorAll("[role=option]")) {
    const text = fold(option.dataset.prompt ?? option.textContent);
    const isFound = words.value === answered && option.matches(CUT);
    option.hidden = !isFound && !sought.every((word) => text.includes(word));
  }
  search.hidden = sought.length === 0;
  search.querySelector("[data-words]").textContent = words.value;
  search.search = new URLSearchParams({ q: words.value });
  for (const group of palette.querySelectorAll("[role=group]")) {
    group.hidden = !group.querySelector(SHOWN);
  }
  const options = shown();
  told.textContent = told.dataset.count.replace("{}", options.length);
  activate(options[0]);
}

function activate(option) {
  active?.setAttribute("aria-selected", "false");
  active = option;
  if (!active.id) active.id = `palette-option-${(named += 1)}`;
  active.setAttribute("aria-selected", "true");
  words.setAttribute("aria-activedescendant", active.id);
  active.scrollIntoView({ block: "nearest" });
}

function step(by) {
  stepped = true;
  const options = shown();
  activate(options[(options.indexOf(active) + by + options.length) % options.length]);
}

function onInput() {
  stepped = false;
  narrow();
}

/* After new options: keep the one reached by arrow keys if it is still there, else the first. */
function onSwap({ detail }) {
  const before = active;
  answered = detail.requestConfig.parameters.q ?? answered;
  narrow();
  if (stepped && before.isConnected && !before.hidden) activate(before);
}

function onKey(event) {
  const opens = (event.metaKey || event.ctrlKey) && !event.shiftKey && !event.altKey;
  if (!opens || keyOf(event) !== "k") return;
  event.preventDefault();
  if (palette.open) palette.close();
  else open();
}

function onKeyWithin(event) {
  if (event.isComposing) return;
  const steps = { ArrowDown: 1, ArrowUp: -1 };
  if (steps[event.key]) step(steps[event.key]);
  else if (event.key === "Enter") active.click();
  else return;
  event.preventDefault();
}

function onClick(event) {
  if (isHeldClick(event)) return;
  if (event.target.closest("[data-palette]")) {
    event.preventDefault();
    open();
  }
  const option = event.target.closest("#palette [role=option]");
  if (option) choose(option, event);
}

function choose(option, event) {
  const here = standsFor(option);
  palette.close();
  if (!here) return;
  event.preventDefault();
  if (option.dataset.prompt) write(here, option.dataset.prompt);
  else press(here);
}

/* Return the element of this page that does what an option says, if any. */
function standsFor({ dataset }) {
  if (dataset.prompt) return document.getElementById("prompt");
  if (dataset.press) return document.querySelector(dataset.press);
  const models = [...document.querySelectorAll(".model-option input")];
  return models.find((one) => one.value === dataset.model);
}

function press(element) {
  element.focus();
  element.click();
}

/* Insert the text as if typed over the old one, so that the browser's own undo restores that. */
function write(field, text) {
  field.focus();
  field.select();
  if (document.execCommand("insertText", false, text)) return;
  field.value = text;
  field.dispatchEvent(new Event("input", { bubbles: true }));
}

document.addEventListener("keydown", onKey);
document.addEventListener("click", onClick);
words.addEventListener("keydown", onKeyWithin);
words.addEventListener("input", onInput);
palette.addEventListener("htmx:afterSwap", onSwap);
if (/Mac|iPhone|iPad/.test(navigator.platform)) {
  for (const key of document.querySelectorAll("[data-palette] kbd")) key.textContent = "⌘ K";
}
