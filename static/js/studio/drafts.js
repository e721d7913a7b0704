/* Drafts: the form's contents are stored in this browser, per person and model, until they
   change again. They survive a reload, other pages, an expired session and the next login. */

import { address } from "../addresses.js";
import { postInPlaceOf } from "../requests.js";

// Each page has its own values for these.
const OF_THE_PAGE = /^(csrfmiddlewaretoken$|click$|ask-)/;
const PROMPT = /^(prompt|project|variable\..+|(input|spare)_(uploads|pictures))$/;
// What an address may choose for a form that is otherwise restored from the draft.
const CHOSEN = new Set(["model", "apply"]);
// How long after the last key the draft is stored, in milliseconds.
const PAUSE = 250;

const composer = () => document.getElementById("composer");
const key = () => `studio-draft-${composer().dataset.person}`;

let timer = 0;
// The request for the form of the draft.
let restoring = null;

/* {model, shared, options}: prompt, project and references are shared by all models, options belong
   to one. All are pairs of a name and a text. */
function read() {
  try {
    return JSON.parse(localStorage.getItem(key())) ?? { options: {} };
  } catch {
    return { options: {} };
  }
}

const isOption = ([name]) => !PROMPT.test(name) && name !== "model";

function pairsOf(form) {
  const pairs = [...new FormData(form)];
  return pairs.filter(([name, value]) => typeof value === "string" && !OF_THE_PAGE.test(name));
}

function keep() {
  clearTimeout(timer);
  const form = composer();
  if (!form) return;
  const pairs = pairsOf(form);
  const draft = read();
  const [, model] = pairs.find(([name]) => name === "model");
  const hasPrompt = pairs.some(([name]) => name === "prompt");
  const shared = pairs.filter(([name]) => PROMPT.test(name));
  // A model without a prompt keeps the one written for other models.
  const waiting = hasPrompt ? [] : (draft.shared ?? []).filter(([name]) => name === "prompt");
  draft.model = model;
  draft.shared = [...shared, ...waiting];
  // Another model is chosen before its form arrives; until then the options are the old one's.
  draft.options[form.dataset.model] = pairs.filter(isOption);
  store(draft);
  // The draft now contains what the address asked for, and later changes. Under a large picture the
  // address is the picture's.
  const { pathname, search } = location;
  if (search && pathname === address("studio")) history.replaceState(history.state, "", pathname);
}

function store(draft) {
  try {
    localStorage.setItem(key(), JSON.stringify(draft));
  } catch {
    // If storage is full or forbidden, no draft is kept; the form itself still works.
  }
}

function dataOf(draft) {
  const data = new FormData();
  const pairs = [["model", draft.model], ...draft.shared, ...(draft.options[draft.model] ?? [])];
  for (const [name, value] of pairs) data.append(name, value);
  data.set("draft", "yes");
  return data;
}

/* Load the form of the draft if the page shows another one. */
async function restore() {
  const draft = read();
  // A model or a preset alone is applied to the draft.
  const asked = new URLSearchParams(location.search);
  const [name] = asked.keys();
  if (asked.size > 1 || (asked.size && !(CHOSEN.has(name) && draft.shared))) return;
  if (asked.has("model")) draft.model = asked.get("model");
  if (!draft.model) return;
  const shown = JSON.stringify(pairsOf(composer()).toSorted());
  const data = dataOf(draft);
  data.delete("draft");
  if (!asked.has("apply") && JSON.stringify([...data].toSorted()) === shown) return;
  data.set(...(asked.has("apply") ? ["apply", asked.get("apply")] : ["draft", "yes"]));
  await postInPlaceOf(composer(), composer().dataset.composer, data).catch(() => null);
}

/* A form that is requested meanwhile, such as by "Use again", wins over the draft. */
function onSend({ detail: { elt, target, xhr } }) {
  const form = composer();
  if (!form || target !== form) return;
  if (elt === form) restoring = xhr;
  else restoring?.abort();
}

/* Restore the options that the chosen model had last. */
function onModel(event) {
  const { path, parameters, verb } = event.detail;
  if (verb !== "post" || path !== composer()?.dataset.composer) return;
  if (["draft", "apply", "ask-way"].some((name) => parameters.has(name))) return;
  keep();
  const draft = read();
  draft.model = parameters.get("model");
  if (!draft.options[draft.model]) return;
  for (const name of Array.from(parameters.keys())) {
    if (!OF_THE_PAGE.test(name)) parameters.delete(name);
  }
  for (const [name, value] of dataOf(draft)) parameters.append(name, value);
}

function onEdit(event) {
  if (!event.target.closest("#composer")) return;
  clearTimeout(timer);
  timer = setTimeout(keep, PAUSE);
}

document.addEventListener("input", onEdit);
document.addEventListener("change", onEdit);
document.addEventListener("htmx:configRequest", onModel);
document.addEventListener("htmx:beforeSend", onSend);
window.addEventListener("pagehide", () => timer && keep());
if (composer()) restore();
