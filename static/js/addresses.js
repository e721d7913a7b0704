/* The studio's addresses, as the page gives them. */

const { chords, routes } = JSON.parse(document.getElementById("addresses").textContent);

/* What to press after g, and where it leads. */
export { chords };

/* The address of a route, for the one with a number if it is about one. */
export const address = (name, number = 0) => routes[name].replace("/0/", `/${number}/`);

/* The name of a path's route and the number it is about; neither for a route that the script has no use for. */
export function routeOf(path) {
  const number = path.match(/\/(\d+)\//)?.[1] ?? 0;
  return { name: Object.keys(routes).find((name) => address(name, number) === path), number: Number(number) };
}
