/* Copy a picture to the clipboard, which accepts only PNG. */

import { address } from "../addresses.js";
import { mayCopy } from "../copy.js";
import { StudioElement } from "../element.js";
import { say } from "../toasts.js";

/* Start writing within the click, since the browser only allows it there. */
export async function copyPicture(id, { copied, notCopied }) {
  const image = new ClipboardItem({ "image/png": pngOf(address("picture_file", id)) });
  const done = await navigator.clipboard.write([image]).then(
    () => true,
    () => false,
  );
  say(done ? copied : notCopied);
}

async function pngOf(src) {
  const image = Object.assign(new Image(), { src });
  await image.decode();
  const canvas = new OffscreenCanvas(image.naturalWidth, image.naturalHeight);
  canvas.getContext("2d").drawImage(image, 0, 0);
  return canvas.convertToBlob({ type: "image/png" });
}

class StudioCopyPicture extends StudioElement {
  connect() {
    this.hidden = !mayCopy();
    this.listen(this, "click", () => copyPicture(this.dataset.id, this.dataset));
  }
}

customElements.define("studio-copy-picture", StudioCopyPicture);
