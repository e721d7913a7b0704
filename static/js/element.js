/* A custom element that removes its listeners when it leaves the page; see connect(). */

export class StudioElement extends HTMLElement {
  connectedCallback() {
    this.listeners = new AbortController();
    this.connect();
  }

  disconnectedCallback() {
    this.listeners.abort();
    this.disconnect?.();
  }

  /* Listen on any target for one or more events ("drop dragend"). */
  listen(target, names, act, options = {}) {
    const { signal } = this.listeners;
    for (const name of names.split(" ")) target.addEventListener(name, act, { signal, ...options });
  }
}
