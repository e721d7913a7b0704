/* What of the references is sent, what waits for another model, and what it weighs. */

const MEGABYTE = 2 ** 20;

/* Numbers the tiles; those past the `most` that the model takes are spare. */
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

/* Says in the form which reference is the first, and its size. */
export function nameFirst(form, reference) {
  const { reference: source, width, height } = reference?.dataset ?? {};
  const said = { firstReference: source, firstWidth: width, firstHeight: height };
  for (const [name, value] of Object.entries(said)) {
    if (value) form.dataset[name] = value;
    else delete form.dataset[name];
  }
}

/* The request in megabytes: base64 adds a third; `around` bytes stand around each image. */
export function weightOf(form, images, around) {
  const mask = form.querySelector("input[name=mask]")?.files[0]?.size ?? 0;
  const sizes = [...images.map(bytesOf), mask];
  const sent = sizes.reduce((sum, bytes) => sum + Math.ceil(bytes / 3) * 4 + around, 0);
  const texts = new Blob([form.querySelector("[name=prompt]")?.value ?? ""]).size;
  return (sent + texts) / MEGABYTE;
}

/* "Request about 1.2 of 8 MB", or that it will be made smaller; `words` are the list's data. */
export function weightSaid(words, megabytes) {
  const most = Number(words.body) / MEGABYTE;
  const said = megabytes > most ? words.heavy : words.weight;
  const shown = new Intl.NumberFormat(document.documentElement.lang, { maximumFractionDigits: 1 });
  const weight = shown.format(Math.max(megabytes, 0.1));
  return said.replace("{}", weight).replace("{}", shown.format(most));
}

/* Whether half of what fits is used: less is nothing to think about. */
export function isHeavy(words, megabytes) {
  return megabytes > Number(words.body) / MEGABYTE / 2;
}

const bytesOf = (item) => Number(item.querySelector("input").dataset.bytes);
