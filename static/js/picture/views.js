/* Large views of pictures as drawn by the server, each fetched once and in advance. */

import { get } from "../requests.js";

const MOST_KEPT = 16;
// A view is shown after this time, in milliseconds, even if its picture is not decoded yet.
const LONGEST_WAIT = 250;

const kept = new Map();

/* Resolves to a new element, with its picture decoded if that was quick; or to null, after an
   event with the trouble. */
export async function viewOf(href) {
  const { view, ...trouble } = await fetched(href);
  if (view) return document.importNode(view, true);
  document.dispatchEvent(new CustomEvent("studio-trouble", { detail: trouble }));
  return null;
}

export function fetchAhead(href) {
  if (href) fetched(href);
}

export const forgetViews = () => kept.clear();

function fetched(href) {
  if (!kept.has(href)) kept.set(href, fetchView(href));
  const [oldest] = kept.keys();
  if (kept.size > MOST_KEPT) kept.delete(oldest);
  return kept.get(href);
}

async function fetchView(href) {
  const { text, trouble, ok } = await get(href);
  if (!ok) kept.delete(href);
  const answer = ok && new DOMParser().parseFromString(text, "text/html");
  const view = answer ? answer.querySelector("studio-picture") : null;
  const shown = view?.querySelector(".canvas img")?.getAttribute("src");
  if (shown) await Promise.race([decoded(shown), new Promise(after)]);
  return { view, trouble, text };
}

const after = (done) => setTimeout(done, LONGEST_WAIT);

async function decoded(src) {
  const image = Object.assign(new Image(), { src });
  await image.decode().catch(() => null);
}
