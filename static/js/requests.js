/* Every fetch that script makes; forms and links of htmx go by themselves. */

import { address } from "./addresses.js";

const token = () => JSON.parse(document.body.getAttribute("hx-headers"))["X-CSRFToken"];

/* Posts; resolves to the response, or to null when none came. */
export async function post(path, body) {
  const headers = { "HX-Request": "true", "X-CSRFToken": token() };
  try {
    return await fetch(path, { method: "POST", body, headers });
  } catch {
    return null;
  }
}

/* Puts the answer into an element; `values` are names with lists of values. */
export function load(target, method, path, values = {}) {
  return window.htmx.ajax(method, path, { target, swap: "innerHTML", values });
}

/* Posts a form's data and puts the answer in the place of an element. Rejects when none came. */
export function postInPlaceOf(element, path, data) {
  const how = { source: element, target: element, swap: "outerHTML", values: data };
  return window.htmx.ajax("POST", path, how);
}

/* A fragment that turns out to be the login page means that the session has ended. */
function onAnswer(event) {
  const { pathname } = new URL(event.detail.xhr.responseURL);
  if (pathname === address("account_login")) location.reload();
}

document.addEventListener("htmx:beforeSwap", onAnswer);
