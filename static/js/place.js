/* Session storage shared by the pages with tiles and the picture page: where to return to. */

export const remember = (name, value) => sessionStorage.setItem(`studio-${name}`, value);

export const recall = (name, otherwise) => sessionStorage.getItem(`studio-${name}`) ?? otherwise;

/* A gallery that comes back from the browser's memory still has tiles that have gone since. */
export function noteGone(id, gone) {
  const others = recall("gone", "").split(" ").filter((one) => one && one !== String(id));
  remember("gone", [...others, ...(gone ? [id] : [])].join(" "));
}

/* Where a tile stands in the window while its picture is opened from it. */
export function rememberSpot(id, tile) {
  remember("spot", `${id} ${tile.getBoundingClientRect().top} ${window.scrollY}`);
}

/* Brings a page back to where it was when a picture was opened, ±1 px; `tile` is that of the
   picture that was seen last. */
export function returnToSpot(id, tile) {
  const [opened, top, scrolled] = recall("spot", "").split(" ").map(Number);
  tile.focus({ preventScroll: true, focusVisible: false });
  const go = { behavior: "instant" };
  if (isReturning) window.scrollTo({ top: scrolled, ...go });
  if (opened === id) window.scrollBy({ top: tile.getBoundingClientRect().top - top, ...go });
  else tile.scrollIntoView({ block: "nearest", ...go });
}

/* After a reload under a large picture, Back changes the address alone: then its page has to be
   fetched, and knows by this that one comes back to it. */
export const isReturning = recall("returning", "") === location.href;
remember("returning", "");
if (isReturning) window.addEventListener("pageshow", () => setTimeout(scrollAsUsual));

/* Not before the browser has passed the moment at which it would restore a place itself. */
function scrollAsUsual() {
  history.scrollRestoration = "auto";
}

export function returnByReload() {
  remember("returning", location.href);
  history.scrollRestoration = "manual";
  location.reload();
}
