/* The two switches in the account menu: notification and sound, stored per browser. */

import { StudioElement } from "../element.js";
import { chime } from "./chime.js";

const ASKED = { notice: "studio-notice", sound: "studio-sound" };

export const wants = (what) => localStorage.getItem(ASKED[what]) === "1";

/* Return the browser's permission: "granted", "denied", "default" (not asked yet) or "cannot". */
export function permission() {
  const cannot = !("Notification" in window) || localStorage.getItem(ASKED.notice) === "cannot";
  return cannot ? "cannot" : Notification.permission;
}

/* Chrome on Android has the constructor but throws: only workers may notify there. Without
   permission nothing is shown, but it throws as well. */
export function notify(title, options = {}) {
  try {
    return new Notification(title, options);
  } catch {
    localStorage.setItem(ASKED.notice, "cannot");
    return null;
  }
}

class StudioNotices extends StudioElement {
  connect() {
    this.hidden = false;
    for (const box of this.querySelectorAll("input")) {
      box.checked = wants(box.name) && (box.name !== "notice" || permission() === "granted");
      this.listen(box, "change", () => this.choose(box));
    }
    this.explain();
  }

  /* The browser asks for permission only on a click. */
  async choose(box) {
    const notice = box.name === "notice";
    if (notice && box.checked) await this.ask();
    if (notice && permission() !== "granted") box.checked = false;
    if (!notice || permission() !== "cannot") {
      localStorage.setItem(ASKED[box.name], box.checked ? "1" : "0");
    }
    if (box.checked && box.name === "sound") chime();
    this.explain();
  }

  async ask() {
    if (permission() === "default") notify("");
    if (permission() === "default") await Notification.requestPermission();
  }

  explain() {
    const said = permission();
    this.querySelector("[data-denied]").hidden = said !== "denied";
    this.querySelector("[data-cannot]").hidden = said !== "cannot";
    this.querySelector("[name=notice]").disabled = said === "denied" || said === "cannot";
  }
}

customElements.define("studio-notices", StudioNotices);
