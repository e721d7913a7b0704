/* Text typed while a request is running is newer than its answer, and stays. */

const prompt = () => document.querySelector("#composer #prompt");

// The prompt at the time when another model's form was requested, by request.
const sent = new WeakMap();
let newer = null;

/* Show an older form's errors above the current form, which stays unchanged. */
export function showFaults(form, html) {
  const answer = new DOMParser().parseFromString(html, "text/html");
  const faults = answer.querySelector("#composer .note[role=alert]");
  if (!faults) return;
  form.querySelector(".controls > .note[role=alert]")?.remove();
  form.querySelector(".controls").prepend(document.adoptNode(faults));
  form.querySelector("#sheet").checked = true;
}

/* Only another model's form keeps the prompt; "Use again" and the like bring their own. */
function onSend({ detail: { requestConfig, xhr } }) {
  const form = document.getElementById("composer");
  const isModel = requestConfig.verb === "post" && requestConfig.path === form?.dataset.composer;
  if (isModel && prompt()) sent.set(xhr, prompt().value);
}

function onAnswer({ detail: { xhr } }) {
  const field = prompt();
  if (!field || !sent.has(xhr) || field.value === sent.get(xhr)) return;
  const { selectionEnd, selectionStart, value } = field;
  newer = { value, selectionStart, selectionEnd, focused: field === document.activeElement };
}

function onSwap(event) {
  if (event.target.id !== "composer" || !newer || !prompt()) return;
  const { focused, selectionEnd, selectionStart, value } = newer;
  newer = null;
  prompt().value = value;
  prompt().setSelectionRange(selectionStart, selectionEnd);
  if (focused) prompt().focus();
  prompt().dispatchEvent(new Event("input", { bubbles: true }));
}

document.addEventListener("htmx:beforeSend", onSend);
document.addEventListener("htmx:beforeSwap", onAnswer);
document.addEventListener("htmx:afterSettle", onSwap);
