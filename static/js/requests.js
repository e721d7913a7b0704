/* The only way to call the studio: requests of scripts and htmx get this page's token and person
   here, and every failure gets one name. */

import { address } from "./addresses.js";
import { begin, end } from "./connection.js";

const VERSION = "X-Gallery-Version";
const REFUSED_FORM = 422;
const REFUSED = 400;
const BROKEN = 500;
// Pages to which the studio leads whoever may not go on.
const BY_PAGE = { account_login: "ended", two_step: "unsafe" };
const LEADS = Object.keys(BY_PAGE);
const BY_STATUS = { 403: "forbidden", 404: "gone", 409: "stranger", 413: "large" };

/* Return the name of an answer's problem; "" if the studio accepted, or explains itself what is
   wrong with a form. No status means that no answer came. */
export function troubleOf(status, url) {
  if (!status) return navigator.onLine ? "silent" : "offline";
  const led = LEADS.find((name) => url && new URL(url).pathname === address(name));
  if (led) return BY_PAGE[led];
  if (status < REFUSED || status === REFUSED_FORM) return "";
  return BY_STATUS[status] ?? (status < BROKEN ? "refused" : "broken");
}

/* Post; resolves to the answer's `text`, whether it is `ok`, and the name of the `trouble`. */
export function post(path, body = new FormData()) {
  body.delete("csrfmiddlewaretoken");
  return ask(path, { method: "POST", body });
}

/* Post something small that shall arrive although the page is left; resolves like `post`. */
export const postLasting = (path) =>
  ask(path, { method: "POST", body: new FormData(), keepalive: true });

/* Fetch a part of a page; resolves like `post`, and with the `version` of a gallery's answer. */
export const get = (path) => ask(path, {});

/* Fetch a part of a page that may become unwanted; returns {answer, abort}. The answer is a promise
   as of `get`; of an aborted request it is neither ok nor in trouble. */
export function getAbortable(path) {
  const control = new AbortController();
  return { answer: ask(path, { signal: control.signal }), abort: () => control.abort() };
}

/* Fetch what is no text; resolves with its `bytes`, an ArrayBuffer. */
export async function getBytes(path) {
  const { text, ...answer } = await ask(path, {}, "arrayBuffer");
  return { bytes: text, ...answer };
}

async function ask(path, how, kind = "text") {
  const [request, sent] = [begin(), headers()];
  const { text, status, url, ok, version } = await answerOf(path, { ...how, headers: sent }, kind);
  const trouble = how.signal?.aborted ? null : troubleOf(status, url);
  if (trouble === null) end(request);
  else settle(request, trouble, sent);
  return { text, trouble: trouble ?? "", ok: trouble === "" && ok, version };
}

/* An answer that was cut off is none: it has no status. */
async function answerOf(path, how, kind) {
  const answer = await fetch(path, how).catch(() => null);
  const text = await answer?.[kind]().catch(() => null);
  if (!answer || text === null) return { text: "", status: 0, ok: false };
  const { status, url, ok } = answer;
  return { text, status, url, ok, version: answer.headers.get(VERSION) };
}

/* Put the answer into an element; `values` are names with lists of values. */
export function load(target, method, path, values = {}) {
  return window.htmx.ajax(method, path, { target, swap: "innerHTML", values });
}

/* Replace an element by the answer, or by the part of it that a selector finds. */
export function loadInPlaceOf(element, path, select = undefined) {
  return window.htmx.ajax("GET", path, { target: element, swap: "outerHTML", select });
}

/* Post a form's data and replace an element by the answer. Rejects if none came. */
export function postInPlaceOf(element, path, data) {
  const how = { source: element, target: element, swap: "outerHTML", values: data };
  return window.htmx.ajax("POST", path, how);
}

/* Let htmx work in an element that a script has put into the page. */
export function enliven(element) {
  window.htmx.process(element);
}

/* Make a polling element poll now. */
export function poll(element) {
  window.htmx.trigger(element, "look");
}

/* The cookie has the current token, the page that of its own login. The studio refuses requests
   from a page of another person than the one logged in now. */
function headers() {
  const { person, tokenCookie } = document.body.dataset;
  const cookie = document.cookie.split("; ").find((one) => one.startsWith(`${tokenCookie}=`));
  const token = cookie?.slice(tokenCookie.length + 1) ?? "";
  return { "HX-Request": "true", "X-CSRFToken": token, "X-Person": person };
}

// The token of the last successful request of this page: it belongs to the same person.
let known = "";

function settle(request, trouble, sent) {
  if (!trouble) known = sent["X-CSRFToken"];
  end(request, trouble);
}

function onAsk({ detail }) {
  Object.assign(detail.headers, headers());
  detail.parameters.delete("csrfmiddlewaretoken");
}

function onSend({ detail: { elt, xhr, requestConfig } }) {
  const request = begin();
  const isPoll = Boolean(elt.closest("[data-poll]"));
  const told = () => {
    const trouble = troubleOf(xhr.status, xhr.responseURL);
    settle(request, trouble, requestConfig.headers);
    const about = { detail: { trouble, text: xhr.responseText } };
    if (trouble && !isPoll) document.dispatchEvent(new CustomEvent("studio-trouble", about));
  };
  for (const name of ["load", "error", "timeout"]) xhr.addEventListener(name, told);
  xhr.addEventListener("abort", () => end(request));
}

/* Never put an error page into the page. */
function onAnswer({ detail }) {
  if (troubleOf(detail.xhr.status, detail.xhr.responseURL)) detail.shouldSwap = false;
}

/* Forms that the browser sends itself also get the token of a new login. */
function onSubmit({ target }) {
  const field = target.elements.csrfmiddlewaretoken;
  if (field && known) field.value = known;
}

document.addEventListener("htmx:configRequest", onAsk);
document.addEventListener("htmx:beforeSend", onSend);
document.addEventListener("htmx:beforeSwap", onAnswer);
document.addEventListener("submit", onSubmit, { capture: true });
