/* The bar of a selection: how many pictures are selected, and the form that sends them. */

const number = new Intl.NumberFormat(document.documentElement.lang);

/* Fill a form in with what is selected. */
export function fillIn(form, kept) {
  form.hidden = !kept.on;
  if (form.hidden) form.querySelector("details[open]")?.removeAttribute("open");
  for (const old of form.querySelectorAll("[data-held]")) old.remove();
  form.append(...kept.fields.map(held));
  form.querySelector("[data-menu]")?.toggleAttribute("hidden", kept.size !== 1);
  count(form, kept);
}

/* Say how many are selected; without script they are ticked. */
export function count(form, kept) {
  const size = kept.size || new FormData(form).getAll("ids").length;
  form.querySelector("p output").value = number.format(size);
  for (const button of form.querySelectorAll("button:not([data-select])")) button.disabled = !size;
  const button = form.querySelector("[data-all]");
  button.hidden = !kept.on || size >= kept.all;
  button.disabled = false;
  button.querySelector(".num").textContent = number.format(kept.all);
}

function held([name, value]) {
  const input = Object.assign(document.createElement("input"), { type: "hidden", name, value });
  input.dataset.held = "";
  return input;
}
