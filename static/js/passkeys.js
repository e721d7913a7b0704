/* Passkeys: <studio-passkey> asks the browser to create or to get one, as its data-act says, and
   sends the answer with the form in it. What to ask stands in data-options, or is fetched from
   where the form goes. */

import { StudioElement } from "./element.js";
import { get } from "./requests.js";

// Passkeys belong to names; browsers have none for an address of numbers.
const NUMBERS = /^[\d.]+$|:/;
const READERS = {
  create: (options) => PublicKeyCredential.parseCreationOptionsFromJSON(options),
  get: (options) => PublicKeyCredential.parseRequestOptionsFromJSON(options),
};

const isAble = () =>
  Boolean(window.PublicKeyCredential?.parseCreationOptionsFromJSON) &&
  !NUMBERS.test(location.hostname);

class StudioPasskey extends StudioElement {
  connect() {
    if (!isAble()) return;
    this.form = this.querySelector("form");
    this.querySelector("button").hidden = false;
    this.show("unable", false);
    this.listen(this.form, "submit", (event) => this.onSubmit(event));
  }

  /* The second submit, with the answer in the form, goes its way. */
  onSubmit(event) {
    if (this.form.elements.credential.value) return;
    event.preventDefault();
    this.show("failed", false);
    this.ask().catch(() => this.show("failed", true));
  }

  async ask() {
    const { act, options } = this.dataset;
    const { publicKey } = JSON.parse(options ?? (await get(this.form.action)).text);
    const answer = await navigator.credentials[act]({ publicKey: READERS[act](publicKey) });
    this.form.elements.credential.value = JSON.stringify(answer);
    this.form.requestSubmit();
  }

  show(when, isShown) {
    const line = this.querySelector(`[data-when="${when}"]`);
    if (line) line.hidden = !isShown;
  }
}

customElements.define("studio-passkey", StudioPasskey);
