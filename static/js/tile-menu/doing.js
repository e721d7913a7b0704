/* The actions of a tile's menu, on any page. */

import { copyPicture } from "../picture/copying.js";
import { step } from "../picture/steps.js";
import { idOf } from "../tiles.js";
import { say } from "../toasts.js";

const has = (tile, mark) => tile.hasAttribute(`data-${mark}`);
// A gallery also moves the focus, and removes tiles that no longer belong to it.
const gallery = () => document.querySelector("studio-gallery");

export const DOING = {
  select: (tile) => document.dispatchEvent(new CustomEvent("select-tile", { detail: tile })),
  star: (tile) => step(has(tile, "starred") ? "picture_unstar" : "picture_star", idOf(tile)),
  share: (tile) => gallery()?.share(tile) ?? share(tile),
  trash: (tile) => gallery()?.trash(tile) ?? step("picture_trash", idOf(tile)),
  copy: (tile, words) => copyPicture(idOf(tile), words),
  copyPrompt: (tile, words) => copyPrompt(tile, words),
};

function share(tile) {
  return step(has(tile, "shared") ? "picture_private" : "picture_share", idOf(tile));
}

async function copyPrompt(tile, { promptCopied }) {
  await navigator.clipboard.writeText(tile.querySelector("img").alt);
  say(promptCopied);
}
