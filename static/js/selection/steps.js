/* Do something with the selected pictures. Of many, the studio asks first, in the dialog. */

import { lookForJobs } from "../background.js";
import { closeMenus } from "../menus.js";
import { post } from "../requests.js";
import { tell } from "../toasts.js";

const dialog = () => document.getElementById("ask");

/* Send a form; resolves to whether it was done, rather than refused or asked about. */
export async function send(form, button = null) {
  const data = new FormData(form, button);
  data.set("next", location.pathname + location.search);
  const buttons = [...form.elements].filter((one) => one.type === "submit");
  for (const one of buttons) one.disabled = true;
  const { text, trouble, ok } = await post(form.getAttribute("action"), data);
  for (const one of buttons) one.disabled = false;
  const question = ok && questionIn(text);
  if (question) return ask(question);
  if (form.closest("dialog")) dialog().close();
  tell(trouble, text);
  if (ok) lookForJobs();
  return ok;
}

function questionIn(html) {
  const holder = Object.assign(document.createElement("template"), { innerHTML: html });
  return holder.content.querySelector("[data-confirm]");
}

function ask(question) {
  dialog().replaceChildren(question);
  closeMenus();
  dialog().showModal();
  return false;
}
