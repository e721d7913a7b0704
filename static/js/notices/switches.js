/* The two switches in the account menu: a notification and a sound, asked for per browser. */

import { StudioElement } from "../element.js";
import { chime } from "./chime.js";

const ASKED = { notice: "studio-notice", sound: "studio-sound" };

export const wants = (what) => localStorage.getItem(ASKED[what]) === "1";

/* What the browser says: "granted", "denied" or "default", which is not asked yet. */
export const permission = () => ("Notification" in window ? Notification.permission : "denied");

class StudioNotices extends StudioElement {
  connect() {
    this.hidden = false;
    for (const box of this.querySelectorAll("input")) {
      box.checked = wants(box.name) && (box.name !== "notice" || permission() === "granted");
      this.listen(box, "change", () => this.choose(box));
    }
    this.explain();
  }

  /* The browser's own question comes only with the click. */
  async choose(box) {
    const notice = box.name === "notice";
    if (notice && box.checked && permission() === "default") await Notification.requestPermission();
    if (notice && permission() !== "granted") box.checked = false;
    localStorage.setItem(ASKED[box.name], box.checked ? "1" : "0");
    if (box.checked && box.name === "sound") chime();
    this.explain();
  }

  explain() {
    const denied = permission() === "denied";
    this.querySelector("[data-denied]").hidden = !denied;
    this.querySelector("[name=notice]").disabled = denied;
  }
}

customElements.define("studio-notices", StudioNotices);
