/* The brush and its sliders in the painter's dialog. */

// Kept from one picture to the next; `size` is a position on the slider, 0 to 100.
export const brush = { size: 60, softness: 0, radius: 20, soft: 0, erase: false };

export function setTool(dialog, erase) {
  brush.erase = erase;
  for (const button of dialog.querySelectorAll("[data-tool]")) {
    button.setAttribute("aria-pressed", String((button.dataset.do === "eraser") === erase));
  }
}

/* Set the size; the slider is logarithmic, from one pixel to `most`. */
export function setSize(dialog, size, most) {
  brush.size = Math.min(Math.max(size, 0), 100);
  const wide = Math.max(Math.round(most ** (brush.size / 100)), 1);
  brush.radius = wide / 2;
  show(dialog, "size", brush.size, dialog.dataset.pixels.replace("{}", wide));
}

export function setSoftness(dialog, softness) {
  brush.softness = softness;
  brush.soft = softness / 100;
  show(dialog, "softness", softness, `${softness}%`);
}

function show(dialog, name, value, words) {
  const slider = dialog.querySelector(`[data-set=${name}]`);
  slider.value = value;
  slider.setAttribute("aria-valuetext", words);
  slider.closest("label").querySelector("[data-value]").textContent = words;
}
