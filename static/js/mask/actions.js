/* The actions of the painter's buttons and keys, by name. */

import { brush } from "./brush.js";
import { saveMask } from "./files.js";

const STEP = 4;
const CLOSER = 1.4;

export const ACTIONS = {
  brush: (painter) => painter.setTool(false),
  eraser: (painter) => painter.setTool(true),
  thinner: (painter) => painter.setSize(brush.size - STEP),
  thicker: (painter) => painter.setSize(brush.size + STEP),
  closer: (painter) => painter.view.zoom(CLOSER),
  farther: (painter) => painter.view.zoom(1 / CLOSER),
  fit: (painter) => painter.view.fit(),
  undo: (painter) => painter.surface.undo(),
  redo: (painter) => painter.surface.redo(),
  invert: (painter) => painter.surface.invert(),
  clear: (painter) => painter.surface.clear(),
  import: (painter) => painter.file.click(),
  export: (painter) => saveMask(painter.surface),
  cancel: (painter) => painter.dialog.close(),
  done: (painter) => painter.dialog.close("done"),
};

/* Disable unavailable steps in a way that keeps them reachable by keyboard. */
export function showSteps(dialog, history) {
  for (const [name, steps] of Object.entries({ undo: history.done, redo: history.undone })) {
    const button = dialog.querySelector(`[data-do=${name}]`);
    button.setAttribute("aria-disabled", String(!steps.length));
  }
}
