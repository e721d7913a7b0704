/* A picture on a page of its own: the page it was opened from, and Back to there. */

import { routeOf } from "../addresses.js";
import { recall, remember, returnByReload } from "../place.js";

const withoutHash = () => location.href.split("#")[0];

export class PicturePage {
  constructor(owner) {
    this.address = withoutHash();
    owner.listen(window, "popstate", (event) => this.onHistory(event), { capture: true });
    this.rememberOrigin();
  }

  /* Steps replace this page in the history: one step back leads to where they began. */
  rememberOrigin() {
    if (history.state?.viewed) return;
    const cameFrom = document.referrer && new URL(document.referrer);
    const inside = cameFrom && cameFrom.origin === location.origin;
    if (inside && routeOf(cameFrom.pathname).name === "picture") return;
    remember("origin", inside ? cameFrom.pathname : "");
  }

  onHistory(event) {
    if (withoutHash() === this.address) return;
    event.stopImmediatePropagation();
    returnByReload();
  }

  leave(back) {
    if (history.state?.viewed || recall("origin", "")) history.back();
    else location.assign(back);
  }
}
