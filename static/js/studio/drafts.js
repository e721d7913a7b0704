/* Drafts: what stands in the form is kept in this browser, for each person and model, until it is
   changed again. It outlives a reload, other pages, an ended session and the login after it. */

import { address } from "../addresses.js";
import { postInPlaceOf } from "../requests.js";

// Each page has values of its own for these.
const OF_THE_PAGE = new Set(["csrfmiddlewaretoken", "click"]);
const PROMPT = /^(prompt|variable\..+|(input|spare)_(uploads|pictures))$/;
// What an address may choose for a form that is otherwise as it was left.
const CHOSEN = new Set(["model", "apply"]);
// Written this many milliseconds after the last key.
const PAUSE = 250;

const composer = () => document.getElementById("composer");
const key = () => `studio-draft-${composer().dataset.person}`;

let timer = 0;

/* {model, shared, options}: the prompt and the references go along from model to model, the options
   are those of one. All are pairs of a name and a text. */
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
  return pairs.filter(([name, value]) => typeof value === "string" && !OF_THE_PAGE.has(name));
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
  // A tool without a prompt keeps the one that waits for other models.
  const waiting = hasPrompt ? [] : (draft.shared ?? []).filter(([name]) => name === "prompt");
  draft.model = model;
  draft.shared = [...shared, ...waiting];
  // Another model is chosen before its form comes; till then the options are those of the old one.
  draft.options[form.dataset.model] = pairs.filter(isOption);
  store(draft);
  // What the address asked for is in the draft by now, with what was changed since. Under a large
  // picture the address is the picture's.
  const { pathname, search } = location;
  if (search && pathname === address("studio")) history.replaceState(history.state, "", pathname);
}

function store(draft) {
  try {
    localStorage.setItem(key(), JSON.stringify(draft));
  } catch {
    // A full or forbidden storage keeps nothing; the form itself works on.
  }
}

function dataOf(draft) {
  const data = new FormData();
  const pairs = [["model", draft.model], ...draft.shared, ...(draft.options[draft.model] ?? [])];
  for (const [name, value] of pairs) data.append(name, value);
  data.set("draft", "yes");
  return data;
}

/* Asks for the form of the draft where the page shows another one. */
async function restore() {
  const draft = read();
  // Another model or a preset alone is chosen for what is written already.
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

/* Another model comes with the options that it was left with. */
function onModel(event) {
  const { path, parameters, verb } = event.detail;
  if (verb !== "post" || path !== composer()?.dataset.composer) return;
  if (parameters.has("draft") || parameters.has("apply")) return;
  keep();
  const draft = read();
  draft.model = parameters.get("model");
  if (!draft.options[draft.model]) return;
  for (const name of Array.from(parameters.keys())) {
    if (!OF_THE_PAGE.has(name)) parameters.delete(name);
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
window.addEventListener("pagehide", () => timer && keep());
if (composer()) restore();
