/* The gateway's log may suggest an amount, but never replace one that somebody has typed. */

document.addEventListener("htmx:oobBeforeSwap", (event) => {
  const field = event.detail.target;
  if (field?.name !== "amount") return;
  if (field.value || field === document.activeElement) event.detail.shouldSwap = false;
});
