/* The studio's addresses, as the page gives them. */

const { chords, routes } = JSON.parse(document.getElementById("addresses").textContent);

/* What to press after g, and where it leads. */
export { chords };

/* The address of a route, for the one with a number if it is about one. */
export const address = (name, number = 0) => routes[name].replace("/0/", `/${number}/`);

/* The route of a path and the number it is about; no name where script has no use for it. */
export function routeOf(path) {
  const number = path.match(/\/(\d+)\//)?.[1] ?? 0;
  const name = Object.keys(routes).find((one) => address(one, number) === path);
  return { name, number: Number(number) };
}
