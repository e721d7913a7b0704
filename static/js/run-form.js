/* The form for many pictures survives Back and reload: the browser restores its texts, the address
   keeps its references, and both are priced anew. */

const NAMES = /^(input|spare)_(uploads|pictures)$/;
const form = document.getElementById("run-form");

function keepReferences() {
  const url = new URL(location);
  for (const name of Array.from(url.searchParams.keys())) {
    if (NAMES.test(name)) url.searchParams.delete(name);
  }
  for (const [name, value] of new FormData(form)) {
    if (NAMES.test(name)) url.searchParams.append(name, value);
  }
  history.replaceState(history.state, "", url);
}

function onShow() {
  const [{ type }] = performance.getEntriesByType("navigation");
  if (type !== "navigate") form.dispatchEvent(new Event("change"));
}

form.addEventListener("references-changed", keepReferences);
window.addEventListener("pageshow", onShow);
