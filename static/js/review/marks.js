/* The marks of a review: those of one picture are sent one after the other, so that an undo never
   overtakes its answer, and the last of each picture when the page is left. */

import { address } from "../addresses.js";
import { postLasting } from "../requests.js";
import { tell } from "../toasts.js";

const UNMARK = { starred: "picture_unstar", rejected: "picture_unreject" };
const SET = {
  star: ["picture_star", "starred"],
  reject: ["picture_reject", "rejected"],
  starred: ["picture_star", "starred"],
  rejected: ["picture_reject", "rejected"],
};

export class Marks {
  waiting = new Set();
  ends = new Map();
  last = Promise.resolve();

  /* `refused` is called with the answer that the studio did not take. */
  constructor(refused) {
    this.refused = refused;
    addEventListener("pagehide", () => this.hurry());
  }

  /* Give a picture a mark, or "none"; resolves when all marks so far were sent. */
  set(given, what) {
    const { dataset } = given.step;
    const [name, mark] = SET[what] ?? [UNMARK[dataset.mark], ""];
    dataset.mark = mark;
    const { id } = dataset;
    if (name) this.queue({ id, given, path: address(name, id) });
    return this.last;
  }

  queue(mark) {
    this.waiting.add(mark);
    const sent = Promise.resolve(this.ends.get(mark.id)).then(() => this.send(mark));
    this.ends.set(mark.id, sent);
    this.last = this.last.then(() => sent);
  }

  hurry() {
    const last = new Map([...this.waiting].map((mark) => [mark.id, mark]));
    last.forEach((mark) => this.send(mark));
  }

  async send(mark) {
    if (!this.waiting.delete(mark)) return;
    const { trouble, text } = await postLasting(mark.path);
    if (!trouble) return;
    tell(trouble, text);
    this.refused(mark.given);
  }
}
