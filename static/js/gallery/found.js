/* How many pictures were found: the page's own count ends early, the geometry has them all. */

export function sayFound({ geometry, gallery }) {
  const said = gallery.parentElement.querySelector(".outcome .count");
  if (said && geometry.found) said.textContent = geometry.found;
}
