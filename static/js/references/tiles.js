/* The tile of a reference as the server draws it, and the one that stands there until it comes. */

import { csrf } from "../place.js";

/* Resolves to the new tiles and what could not be used, in one sentence; null when nothing came back. */
export async function fetchTile(path, body) {
  try {
    const response = await fetch(path, { method: "POST", body, headers: { "HX-Request": "true", "X-CSRFToken": csrf() } });
    if (!response.ok && response.status !== 422) return null;
    const answer = new DOMParser().parseFromString(`<ol>${await response.text()}</ol>`, "text/html");
    const sentence = [...answer.querySelectorAll(".refused")].map((item) => item.textContent.trim()).join(" ");
    return { tiles: [...answer.querySelectorAll(".reference")].map((item) => document.adoptNode(item)), sentence };
  } catch {
    return null;
  }
}

export function waitingTile(name) {
  const item = document.createElement("li");
  item.className = "reference waiting";
  item.setAttribute("aria-busy", "true");
  item.title = name;
  return item;
}
