/* The one door to the studio: what script and htmx ask goes through here, with the token and the
   person of this page, and what came of it gets one name. */

import { address } from "./addresses.js";
import { begin, end } from "./connection.js";

const REFUSED_FORM = 422;
const REFUSED = 400;
const BROKEN = 500;
const BY_STATUS = { 403: "forbidden", 404: "gone", 409: "stranger", 413: "large" };

/* The name of what went wrong with an answer; "" where the studio agreed, or says itself what is
   wrong with a form. Without a status no answer came. */
export function troubleOf(status, url) {
  if (!status) return navigator.onLine ? "silent" : "offline";
  if (url && new URL(url).pathname === address("account_login")) return "ended";
  if (status < REFUSED || status === REFUSED_FORM) return "";
  return BY_STATUS[status] ?? (status < BROKEN ? "refused" : "broken");
}

/* Posts; resolves to the answer's `text`, whether it is `ok`, and the name of the `trouble`. */
export function post(path, body = new FormData()) {
  body.delete("csrfmiddlewaretoken");
  return ask(path, { method: "POST", body });
}

/* Fetches a part of a page; resolves as `post` does. */
export const get = (path) => ask(path, {});

async function ask(path, how) {
  const [request, sent] = [begin(), headers()];
  const answer = await fetch(path, { ...how, headers: sent }).catch(() => null);
  const text = (await answer?.text().catch(() => null)) ?? null;
  const trouble = troubleOf(text === null ? 0 : answer.status, answer?.url);
  settle(request, trouble, sent);
  return { text: text ?? "", trouble, ok: !trouble && answer.ok };
}

/* Puts the answer into an element; `values` are names with lists of values. */
export function load(target, method, path, values = {}) {
  return window.htmx.ajax(method, path, { target, swap: "innerHTML", values });
}

/* Puts the answer in the place of an element. */
export function loadInPlaceOf(element, path) {
  return window.htmx.ajax("GET", path, { target: element, swap: "outerHTML" });
}

/* Posts a form's data and puts the answer in the place of an element. Rejects when none came. */
export function postInPlaceOf(element, path, data) {
  const how = { source: element, target: element, swap: "outerHTML", values: data };
  return window.htmx.ajax("POST", path, how);
}

/* Lets an element that polls look now. */
export function poll(element) {
  window.htmx.trigger(element, "look");
}

/* The cookie has the token of now, the page that of its own login. The studio turns down what comes
   from the page of somebody else than who is logged in now. */
function headers() {
  const { person, tokenCookie } = document.body.dataset;
  const cookie = document.cookie.split("; ").find((one) => one.startsWith(`${tokenCookie}=`));
  const token = cookie?.slice(tokenCookie.length + 1) ?? "";
  return { "HX-Request": "true", "X-CSRFToken": token, "X-Person": person };
}

// The last token with which the studio answered this page: it belongs to the same person.
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

/* What is no answer to the question never stands on the page. */
function onAnswer({ detail }) {
  if (troubleOf(detail.xhr.status, detail.xhr.responseURL)) detail.shouldSwap = false;
}

/* A form that the browser sends by itself goes with the token of a new login, too. */
function onSubmit({ target }) {
  const field = target.elements.csrfmiddlewaretoken;
  if (field && known) field.value = known;
}

document.addEventListener("htmx:configRequest", onAsk);
document.addEventListener("htmx:beforeSend", onSend);
document.addEventListener("htmx:beforeSwap", onAnswer);
document.addEventListener("submit", onSubmit, { capture: true });
