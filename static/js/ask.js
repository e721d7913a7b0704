/* Questions in a dialog: what a [data-ask] link or form leads to opens there. Without it they are pages. */

const dialog = document.getElementById("ask");

function onClick(event) {
  const link = event.target.closest("a[data-ask]");
  if (!link || event.defaultPrevented || event.metaKey || event.ctrlKey || event.shiftKey) return;
  event.preventDefault();
  window.htmx.ajax("GET", link.href, { target: dialog, swap: "innerHTML" });
}

function onSubmit(event) {
  const button = event.submitter;
  if (!event.target.matches("[data-ask]") && !button?.matches("[data-ask]")) return;
  event.preventDefault();
  post(event.target, new FormData(event.target, button), button);
}

/* Another model has other options and another price. */
function onChange(event) {
  const form = event.target.closest("[data-asks-again]") && event.target.form;
  if (!form || !dialog.contains(form)) return;
  const data = new FormData(form);
  data.set("step", "model");
  post(form, data);
}

async function post(form, data, button = null) {
  if (button) button.disabled = true;
  const values = Object.fromEntries([...new Set(data.keys())].map((name) => [name, data.getAll(name)]));
  await window.htmx.ajax("POST", form.getAttribute("action"), { target: dialog, swap: "innerHTML", values });
  if (button) button.disabled = false;
}

function onSwap(event) {
  if (event.detail.target !== dialog) return;
  if (!dialog.childElementCount) dialog.close();
  else if (!dialog.open) dialog.showModal();
  dialog.querySelector("[role=alert]")?.focus();
}

if (dialog) {
  document.addEventListener("click", onClick);
  document.addEventListener("submit", onSubmit);
  document.addEventListener("change", onChange);
  document.addEventListener("htmx:afterSwap", onSwap);
}
