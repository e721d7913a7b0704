/* The tile of a reference as drawn by the server, and its placeholder until then. */

import { post } from "../requests.js";
import { sentenceFor } from "../toasts.js";

/* Resolves to new tiles, and one sentence on the files that could not be used. */
export async function fetchTile(path, body) {
  const { text, trouble } = await post(path, body);
  const answer = new DOMParser().parseFromString(`<ol>${text}</ol>`, "text/html");
  const said = answer.querySelectorAll(".refused, .toast span");
  const refused = [...said].map((item) => item.textContent.trim());
  const sentence = refused.join(" ") || (trouble && sentenceFor(trouble));
  const tiles = trouble ? [] : [...answer.querySelectorAll(".reference")];
  return { tiles: tiles.map((item) => document.adoptNode(item)), sentence };
}

export function waitingTile(name) {
  const item = document.createElement("li");
  item.className = "reference waiting";
  item.setAttribute("aria-busy", "true");
  item.title = name;
  return item;
}
