/* The names of months ("2026-11"), in the page's language. */

const language = document.documentElement.lang;
const formats = {
  long: new Intl.DateTimeFormat(language, { month: "long", year: "numeric", timeZone: "UTC" }),
  short: new Intl.DateTimeFormat(language, { month: "short", timeZone: "UTC" }),
};

/* Return "November 2026". */
export function nameOf(key, format = "long") {
  const name = formats[format].format(new Date(`${key}-01T00:00:00Z`));
  return name[0].toUpperCase() + name.slice(1);
}

export const yearOf = (key) => key.slice(0, key.indexOf("-"));
