/* Replace the address of a form's answer in the history by the page it was sent from, so that
   neither Back nor a reload asks to send it again. */

const { instead } = document.querySelector("[data-instead]").dataset;
history.replaceState(null, "", instead);
