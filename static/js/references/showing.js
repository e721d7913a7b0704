/* Which references are sent, which are spare, and how large the request is. */

const MEGABYTE = 2 ** 20;

/* Number the tiles; those beyond the `most` that the model takes are spare. */
export function number(items, most) {
  for (const [place, item] of items.entries()) {
    const spare = place >= most;
    item.classList.toggle("spare", spare);
    item.querySelector("input").name = `${spare ? "spare" : "input"}_${item.dataset.kind}s`;
    item.dataset.place = place + 1;
    item.querySelector("[data-move='-1']").disabled = place === 0;
    item.querySelector("[data-move='1']").disabled = place === items.length - 1;
  }
}

/* Store the first reference and its size in the form's dataset. */
export function nameFirst(form, reference) {
  const { reference: source, width, height } = reference?.dataset ?? {};
  const said = { firstReference: source, firstWidth: width, firstHeight: height };
  for (const [name, value] of Object.entries(said)) {
    if (value) form.dataset[name] = value;
    else delete form.dataset[name];
  }
}

/* Return the request's megabytes: base64 adds a third; each image adds `around` bytes. */
export function weightOf(form, images, around) {
  const mask = form.querySelector("input[name=mask]")?.files[0]?.size ?? 0;
  const sizes = [...images.map(bytesOf), mask];
  const sent = sizes.reduce((sum, bytes) => sum + Math.ceil(bytes / 3) * 4 + around, 0);
  const texts = new Blob([form.querySelector("[name=prompt]")?.value ?? ""]).size;
  return (sent + texts) / MEGABYTE;
}

/* Return "Request about 1.2 of 8 MB", or that it will be reduced; `words` is the list's dataset. */
export function weightSaid(words, megabytes) {
  const most = Number(words.body) / MEGABYTE;
  const said = megabytes > most ? words.heavy : words.weight;
  const shown = new Intl.NumberFormat(document.documentElement.lang, { maximumFractionDigits: 1 });
  const weight = shown.format(Math.max(megabytes, 0.1));
  return said.replace("{}", weight).replace("{}", shown.format(most));
}

/* Return whether more than half of the limit is used: less needs no attention. */
export function isHeavy(words, megabytes) {
  return megabytes > Number(words.body) / MEGABYTE / 2;
}

const bytesOf = (item) => Number(item.querySelector("input").dataset.bytes);
