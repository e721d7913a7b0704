/* A long gallery in its page: which rows are there, and where the window stands in it. */

import { anchorOf } from "./anchor.js";
import { targetOf } from "./cell.js";
import { Cells } from "./cells.js";
import { boxOf, layOut, rowAt } from "./layout.js";
import { measure } from "./measure.js";
import { Scale } from "./scale.js";
import { Windows } from "./windows.js";

// The bar at the top of the window, and some air; what is revealed is not hidden there.
const [ABOVE, BELOW] = [76, 24];
// Scrolling is over after so many milliseconds without any.
const REST = 120;

export class View {
  /* `tiles` by ordinal are on the page already, `layout` is made for its width. */
  constructor(gallery, geometry, tiles, layout) {
    Object.assign(this, { gallery, cells: new Cells(gallery), timer: 0 });
    gallery.classList.add("laid");
    this.take(geometry, tiles);
    this.lay(layout);
  }

  get top() {
    return this.scale.last + this.scale.offset;
  }

  get count() {
    return this.geometry.count;
  }

  take(geometry, tiles) {
    this.windows?.stop();
    Object.assign(this, { geometry, tiles });
    this.windows = new Windows(this.gallery.dataset.window, geometry, tiles, {
      came: () => this.draw(),
      stale: () => this.gallery.refresh(),
    });
  }

  /* Lay out for the present width, unless `made` is for it; the caller goes to a place in it. */
  lay(made = null) {
    this.sizes = measure(this.gallery);
    const fits = made?.sizes.width === this.sizes.width;
    this.layout = fits ? made : layOut(this.geometry, this.sizes);
    this.scale = new Scale(Math.max(this.layout.height, 0));
    this.scale.scrolled(this.placeInPage());
    this.gallery.style.height = `${this.scale.shown}px`;
    this.gallery.scrubber?.mark(this.layout, this.colours);
  }

  placeInPage = () => -this.gallery.getBoundingClientRect().top;

  onScroll() {
    const place = this.placeInPage();
    if (place === this.scale.last || !this.gallery.offsetParent) return;
    const before = this.scale.offset;
    this.scale.scrolled(place);
    this.draw(this.scale.offset !== before);
  }

  /* Draw the rows in and near the window. During a jump no tiles are fetched. */
  draw(isJump = false) {
    const { layout, scale, tiles, colours } = this;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.rest(), REST);
    this.gallery.scrubber?.point(this.top);
    if (!layout.rows) return this.cells.clear();
    const near = isJump ? innerHeight / 4 : innerHeight;
    const [from, to] = [this.top - near, this.top + innerHeight + near].map((top) =>
      rowAt(layout, top),
    );
    const { offset, shown: height } = scale;
    const shown = this.cells.show({ layout, tiles, colours, offset, height }, from, to + 1);
    if (shown.length) this.gallery.tell("tiles-shown", { tiles: shown });
    if (!isJump) this.windows.want(layout.starts[from], layout.starts[to + 1]);
  }

  rest() {
    if (this.scale.drifts) this.goTo(this.top);
    else this.draw();
    clearTimeout(this.timer);
    this.gallery.tell("rested");
  }

  /* Scroll so that a place of the gallery is at the top of the window. */
  goTo(top) {
    const most = this.scale.full + this.below() - innerHeight;
    const place = this.scale.goTo(Math.min(top, Math.max(most, 0)));
    const by = place - this.placeInPage();
    window.scrollBy({ top: by, behavior: "instant" });
    this.scale.scrolled(this.placeInPage());
    this.draw(this.isLed);
  }

  /* Like goTo while a finger or a mouse leads: what is passed is not fetched. */
  jumpTo(top) {
    this.isLed = true;
    this.goTo(top);
    this.isLed = false;
  }

  /* Return how many pixels of the page follow the gallery. */
  below() {
    const { bottom } = this.gallery.getBoundingClientRect();
    return Math.max(document.documentElement.scrollHeight - window.scrollY - bottom, 0);
  }

  get anchor() {
    return anchorOf(this);
  }

  /* Scroll so that a picture is so many pixels below the window's top. */
  put(ordinal, top) {
    this.goTo(this.boxOf(ordinal).top - top);
  }

  boxOf(ordinal) {
    return boxOf(this.layout, Math.max(Math.min(ordinal, this.count - 1), 0));
  }

  /* Bring a picture into view: not at all if it is, to the middle if it is far away. */
  reveal(ordinal) {
    const { top, height } = this.boxOf(ordinal);
    const [over, under] = [top - this.top - ABOVE, top + height - this.top - innerHeight + BELOW];
    if (over >= 0 && under <= 0) return;
    const isFar = over < -innerHeight || under > innerHeight;
    if (isFar) this.goTo(top - (innerHeight - height) / 2);
    else this.goTo(this.top + (over < 0 ? over : Math.min(under, over)));
  }

  /* Give a picture the focus: its cell has it until the tile comes. */
  focus(ordinal, how = {}) {
    this.reveal(ordinal);
    const cell = this.cells.cells.get(ordinal);
    if (cell) targetOf(cell).focus({ preventScroll: true, ...how });
  }

  /* The width may be another one: the first picture in view stays where it is. */
  onResize() {
    const { width } = this.gallery.getBoundingClientRect();
    if (!width || width === this.sizes.width) return;
    const { anchor } = this;
    this.lay();
    if (anchor) this.put(anchor.ordinal, anchor.top);
    else this.draw();
  }
}
