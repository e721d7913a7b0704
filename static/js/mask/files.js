/* Read and save masks as files. */

// How long a browser may take to start a download, in milliseconds.
const KEPT = 60_000;

/* Load a mask from a file onto a surface; false if it is not one, or of another shape. */
export async function takeMask(surface, file) {
  const image = await createImageBitmap(file).catch(() => null);
  if (!image || !surface) return false;
  const wide = Math.abs((image.height * surface.width) / image.width - surface.height);
  const tall = Math.abs((image.width * surface.height) / image.height - surface.width);
  if (Math.min(wide, tall) > 1) return false;
  surface.load(image);
  return true;
}

/* Save the mask as a download. */
export async function saveMask(surface) {
  const link = Object.assign(document.createElement("a"), { download: "mask.png" });
  link.href = URL.createObjectURL(await surface.toBlob());
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), KEPT);
}
