/* Session storage shared by pages with tiles and the picture page: where to return to. */

export const remember = (name, value) => sessionStorage.setItem(`studio-${name}`, value);

export const recall = (name, otherwise) => sessionStorage.getItem(`studio-${name}`) ?? otherwise;

/* Note trashed pictures: a gallery restored from the browser's cache still has their tiles. */
export function noteGone(id, gone) {
  const others = recall("gone", "").split(" ").filter((one) => one && one !== String(id));
  remember("gone", [...others, ...(gone ? [id] : [])].join(" "));
}

/* Note where a tile is in the window when its picture is opened. */
export function rememberSpot(id, tile) {
  remember("spot", `${id} ${tile.getBoundingClientRect().top} ${window.scrollY}`);
}

/* Scroll a page to where it was when a picture was opened, ±1 px; `tile` is that of the picture
   viewed last. */
export function returnToSpot(id, tile) {
  const [opened, top, scrolled] = recall("spot", "").split(" ").map(Number);
  tile.focus({ preventScroll: true, focusVisible: false });
  const go = { behavior: "instant" };
  if (isReturning) window.scrollTo({ top: scrolled, ...go });
  if (opened === id) window.scrollBy({ top: tile.getBoundingClientRect().top - top, ...go });
  else tile.scrollIntoView({ block: "nearest", ...go });
}

/* After a reload under a large picture, Back only changes the address: then its page has to be
   loaded, and this tells it to restore its position. */
export const isReturning = recall("returning", "") === location.href;
remember("returning", "");
if (isReturning) window.addEventListener("pageshow", () => setTimeout(scrollAsUsual));

/* Only after the moment at which the browser would restore a position itself. */
function scrollAsUsual() {
  history.scrollRestoration = "auto";
}

export function returnByReload() {
  remember("returning", location.href);
  history.scrollRestoration = "manual";
  location.reload();
}
