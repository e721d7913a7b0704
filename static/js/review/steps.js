/* The steps of a review as drawn by the server, fetched before they are needed. */

import { get } from "../requests.js";

// So many pictures are loaded ahead.
const AHEAD = 3;

export class Steps {
  known = new Map();

  /* Resolves to the step at an address; null after an event with the trouble. */
  async at(path) {
    const { found, ...trouble } = await this.fetched(path);
    if (found) return found;
    this.known.delete(path);
    document.dispatchEvent(new CustomEvent("studio-trouble", { detail: trouble }));
    return null;
  }

  /* Fetch the next few, one after the other: each says which one follows. */
  async fetchAhead(step, count = AHEAD) {
    const { onwards } = step.dataset;
    if (!onwards || !count) return;
    const { found } = await this.fetched(onwards);
    if (found) this.fetchAhead(found, count - 1);
  }

  fetched(path) {
    if (!this.known.has(path)) this.known.set(path, fetchStep(path));
    return this.known.get(path);
  }
}

async function fetchStep(path) {
  const { text, trouble, ok } = await get(path);
  const answer = ok && new DOMParser().parseFromString(text, "text/html");
  const found = answer ? answer.querySelector(".step-of-review") : null;
  const shown = found?.querySelector(".canvas img")?.getAttribute("src");
  if (shown) Object.assign(new Image(), { src: shown }).decode().catch(() => null);
  return { found: found && document.importNode(found, true), trouble, text };
}
