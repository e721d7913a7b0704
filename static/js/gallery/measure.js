/* The lengths that the stylesheet gives to a gallery's rows. */

/* Return {width, row, gap, head, first} in pixels, as layOut takes them. */
export function measure(gallery) {
  const style = getComputedStyle(gallery);
  const probes = ["month first", "month"].map((className) => {
    const heading = Object.assign(document.createElement("h2"), { className });
    gallery.append(heading);
    return heading;
  });
  const [first, head] = probes.map((heading) => heading.getBoundingClientRect().height);
  for (const probe of probes) probe.remove();
  const { width } = gallery.getBoundingClientRect();
  const row = Number.parseFloat(style.getPropertyValue("--row"));
  return { width, row, gap: Number.parseFloat(style.columnGap), head, first };
}
