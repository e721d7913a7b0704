/* The tile of a reference as the server draws it, and the one that stands there until it comes. */

import { post } from "../requests.js";

const TOLD = new Set([413, 422, 503]);

/* Resolves to new tiles and what could not be used, in one sentence; null when none came back. */
export async function fetchTile(path, body) {
  const response = await post(path, body);
  if (!response?.ok && !TOLD.has(response?.status)) return null;
  const html = await response.text();
  const answer = new DOMParser().parseFromString(`<ol>${html}</ol>`, "text/html");
  const said = answer.querySelectorAll(".refused, .toast span");
  const refused = [...said].map((item) => item.textContent.trim());
  const tiles = [...answer.querySelectorAll(".reference")];
  return { tiles: tiles.map((item) => document.adoptNode(item)), sentence: refused.join(" ") };
}

export function waitingTile(name) {
  const item = document.createElement("li");
  item.className = "reference waiting";
  item.setAttribute("aria-busy", "true");
  item.title = name;
  return item;
}
