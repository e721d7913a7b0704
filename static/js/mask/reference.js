/* The picture that the mask belongs to: the form's first reference, in the pixels it is sent
   with.

   Anything in the form with data-reference (an address), data-width and data-height counts, in
   the order of the page, then the first chosen file. The key identifies the picture. */

const known = new WeakMap();

/* Resolves to {src, width, height, key} or null; `longest` is what a side is scaled down to. */
export async function firstReference(form, longest) {
  const first = [...form.querySelectorAll("[data-reference]")].find(isChosen);
  if (first) {
    const { reference, width, height } = first.dataset;
    // A picture of the gallery keeps its key when it becomes an upload.
    const picture = first.closest("[data-picture-id]")?.dataset.pictureId;
    const key = picture ? `picture ${picture}` : reference;
    return { key, src: reference, ...sentSize(Number(width), Number(height), longest) };
  }
  const file = form.querySelector("input[type=file][name=input_images]")?.files[0];
  if (!file) return null;
  if (!known.has(file)) known.set(file, ofFile(file, longest));
  return known.get(file);
}

const isChosen = (element) =>
  !element.disabled && (element.type !== "checkbox" || element.checked);

async function ofFile(file, longest) {
  const src = URL.createObjectURL(file);
  const image = await loadImage(src);
  if (!image) return null;
  const key = `${file.name} ${file.size} ${file.lastModified}`;
  return { key, src, ...sentSize(image.naturalWidth, image.naturalHeight, longest) };
}

export async function loadImage(src) {
  const image = Object.assign(new Image(), { src });
  return image.decode().then(
    () => image,
    () => null,
  );
}

/* Return the picture in the pixels that it is sent with; null if it cannot be displayed. */
export async function loadPicture({ src, width, height }) {
  const image = await loadImage(src);
  const size = { resizeWidth: width, resizeHeight: height };
  return image && createImageBitmap(image, { ...size, resizeQuality: "high" });
}

/* Scale a size down like the server: the other side keeps the ratio as closely as possible. */
export function sentSize(width, height, longest) {
  if (Math.max(width, height) <= longest) return { width, height };
  const shape = width / height;
  if (shape <= 1) {
    const narrow = nearest(longest * shape, (side) => Math.abs(shape - side / longest));
    return { width: narrow, height: longest };
  }
  const error = (side) => (side ? Math.abs(shape - longest / side) : 0);
  return { width: longest, height: nearest(longest / shape, error) };
}

function nearest(side, error) {
  const [low, high] = [Math.floor(side), Math.ceil(side)];
  return Math.max(error(high) < error(low) ? high : low, 1);
}
