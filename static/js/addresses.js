/* The studio's addresses, as embedded in the page. */

const { chords, routes } = JSON.parse(document.getElementById("addresses").textContent);

/* The key to press after g, and where it leads. */
export { chords };

/* Return the address of a route, with a number if the route takes one. */
export const address = (name, number = 0) => routes[name].replace("/0/", `/${number}/`);

/* Return the route and the number of a path; no name if scripts do not use the route. */
export function routeOf(path) {
  const number = path.match(/\/(\d+)\//)?.[1] ?? 0;
  const name = Object.keys(routes).find((one) => address(one, number) === path);
  return { name, number: Number(number) };
}
