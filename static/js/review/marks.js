/* The marks of a review, sent one after the other, so that an undo never overtakes its answer. */

import { address } from "../addresses.js";
import { post } from "../requests.js";
import { tell } from "../toasts.js";

const UNMARK = { starred: "picture_unstar", rejected: "picture_unreject" };
const SET = {
  star: ["picture_star", "starred"],
  reject: ["picture_reject", "rejected"],
  starred: ["picture_star", "starred"],
  rejected: ["picture_reject", "rejected"],
};

export class Marks {
  /* `refused` is called with the answer that the studio did not take. */
  constructor(refused) {
    this.refused = refused;
    this.last = Promise.resolve();
  }

  /* Give a picture a mark, or "none". */
  set(given, what) {
    const { dataset } = given.step;
    const [name, mark] = SET[what] ?? [UNMARK[dataset.mark], ""];
    dataset.mark = mark;
    if (name) this.last = this.last.then(() => this.send(given, address(name, dataset.id)));
    return this.last;
  }

  async send(given, path) {
    const { trouble, text } = await post(path);
    if (!trouble) return;
    tell(trouble, text);
    this.refused(given);
  }
}
