/* A button that copies the text of the <code> beside it, where the browser may. */

class StudioCopy extends HTMLElement {
  connectedCallback() {
    this.button = this.querySelector("button");
    // Only a secure address may write to the clipboard; elsewhere the text can be selected.
    if (!navigator.clipboard) return;
    this.button.hidden = false;
    this.button.addEventListener("click", () => this.copy());
  }

  async copy() {
    await navigator.clipboard.writeText(this.querySelector("code").textContent);
    const [before, after] = this.button.querySelectorAll("span");
    before.hidden = true;
    after.hidden = false;
  }
}

customElements.define("studio-copy", StudioCopy);
