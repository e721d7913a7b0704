/* The studio's addresses, as the page gives them. */

const { chords, routes } = JSON.parse(document.getElementById("addresses").textContent);

/* What to press after g, and where it leads. */
export { chords };

/* The address of a route, for the one with a number if it is about one. */
export const address = (name, number = 0) => routes[name].replace("/0/", `/${number}/`);
