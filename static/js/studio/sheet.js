/* The form on a phone: Escape closes its sheet of options, and the line with prompt and button
   stays above an on-screen keyboard that covers the page. */

const sheet = () => document.getElementById("sheet");

function onKey(event) {
  if (event.key !== "Escape" || event.defaultPrevented || !sheet()?.checked) return;
  sheet().checked = false;
  if (sheet().checkVisibility()) sheet().focus();
}

/* Chromium and Firefox shrink the page by the keyboard's height; Safari covers the page. */
function onViewport() {
  const { height, offsetTop } = window.visualViewport;
  const covered = Math.max(Math.round(window.innerHeight - height - offsetTop), 0);
  document.body.style.setProperty("--keyboard", `${covered}px`);
}

document.addEventListener("keydown", onKey);
window.visualViewport?.addEventListener("resize", onViewport);
window.visualViewport?.addEventListener("scroll", onViewport);
