/* A page that answers a form stands in the history as where the form was sent from, so that
   neither Back nor a reload asks to send it once more. */

const { instead } = document.querySelector("[data-instead]").dataset;
history.replaceState(null, "", instead);
