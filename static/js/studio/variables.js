/* A field for each {variable} in the prompt while it is typed; the last values are remembered. */

import { StudioElement } from "../element.js";

// The same rules as the server: {{doubled}} braces stand for the word itself.
const VARIABLE = /\{\{[\p{L}][\p{L}\p{N}_-]{0,39}\}\}|\{([\p{L}][\p{L}\p{N}_-]{0,39})\}/gu;
const FIELD = "variable.";

const key = (form) => `studio-variables-${form.dataset.person}`;

class StudioVariables extends StudioElement {
  connect() {
    this.prompt = document.getElementById("prompt");
    this.listen(this.prompt, "input", () => this.show());
    this.listen(this, "input", () => this.remember());
    this.show();
  }

  get fields() {
    return [...this.querySelectorAll("input")];
  }

  show() {
    const found = [...this.prompt.value.matchAll(VARIABLE)];
    const names = [...new Set(found.map((match) => match[1]).filter(Boolean))];
    const standing = new Map(this.fields.map((field) => [field.name, field.closest("label")]));
    const labels = names.map((name) => standing.get(FIELD + name) ?? this.labelFor(name));
    for (const label of this.querySelectorAll("label")) if (!labels.includes(label)) label.remove();
    for (const label of labels) if (!label.isConnected) this.append(label);
  }

  labelFor(name) {
    const label = this.querySelector("template").content.firstElementChild.cloneNode(true);
    label.querySelector(".label").textContent = name;
    label.querySelector("input").name = FIELD + name;
    label.querySelector("input").value = this.remembered[name] ?? "";
    return label;
  }

  get remembered() {
    try {
      return JSON.parse(localStorage.getItem(key(this.closest("form")))) ?? {};
    } catch {
      return {};
    }
  }

  remember() {
    const values = this.fields.map((field) => [field.name.slice(FIELD.length), field.value]);
    const all = { ...this.remembered, ...Object.fromEntries(values) };
    try {
      localStorage.setItem(key(this.closest("form")), JSON.stringify(all));
    } catch {
      // If storage is full or forbidden, no values are remembered; the form itself still works.
    }
  }
}

customElements.define("studio-variables", StudioVariables);
