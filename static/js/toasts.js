/* Small steps with pictures, posted without leaving the page. */

import { csrf } from "./place.js";

/* Post to a path; the answer is the list of toasts, with its undo. Tells whether it was done. */
export async function post(path, data = new URLSearchParams()) {
  data.set("next", location.pathname + location.search);
  try {
    const response = await fetch(path, {
      method: "POST",
      body: data,
      headers: { "HX-Request": "true", "X-CSRFToken": csrf() },
    });
    if (response.ok) showToasts(await response.text());
    return response.ok;
  } catch {
    return false;
  }
}

/* The region itself stays: screen readers announce what changes inside it. */
function showToasts(html) {
  const answer = new DOMParser().parseFromString(html, "text/html");
  document.getElementById("toasts").replaceChildren(...answer.getElementById("toasts").children);
}
