/* Browsers limit an element's height (Chromium to 33.5 million pixels; Firefox shows nothing of a
   much taller one). A taller gallery gets an element of less height. Scrolling moves it pixel by
   pixel; a jump leads to the same part of the gallery as of the element. */

const MOST_PIXELS = 7_900_000;
// So near to both ends places in the element and in the gallery are the same.
const EDGE = 1_000_000;
// One event of scrolling by more pixels is a jump: the scrollbar was dragged, or End was pressed.
const JUMP = 4000;
// By how many pixels a place in the element may differ from its share of the gallery.
const MOST_DRIFT = 200_000;

export class Scale {
  /* `full` is the height of the gallery; `shown` becomes that of its element. */
  constructor(full) {
    Object.assign(this, { full, shown: Math.min(full, MOST_PIXELS), offset: 0, last: 0 });
    this.stretch = this.isTrue ? 1 : (full - 2 * EDGE) / (this.shown - 2 * EDGE);
  }

  get isTrue() {
    return this.full === this.shown;
  }

  /* Return the place in the gallery at a place of the element. */
  fullOf(place) {
    if (place <= EDGE) return place;
    const left = this.shown - place;
    return left <= EDGE ? this.full - left : EDGE + (place - EDGE) * this.stretch;
  }

  shownOf(place) {
    if (place <= EDGE) return place;
    const left = this.full - place;
    return left <= EDGE ? this.shown - left : EDGE + (place - EDGE) / this.stretch;
  }

  /* Return the place in the gallery after the element was scrolled to a place. */
  scrolled(place) {
    if (Math.abs(place - this.last) > JUMP) this.offset = this.fullOf(place) - place;
    this.last = place;
    return place + this.offset;
  }

  /* Return the whole place in the element for one in the gallery; they belong together now. */
  goTo(place) {
    this.last = Math.round(this.shownOf(place));
    this.offset = this.isTrue ? 0 : place - this.last;
    return this.last;
  }

  /* Return whether the place is off its share: then a rest is the time to go to the right one. */
  get drifts() {
    const place = this.last + this.offset;
    const isNearEnd = place < EDGE || this.full - place < EDGE;
    const drift = Math.abs(this.shownOf(place) - this.last);
    return !this.isTrue && drift > (isNearEnd ? 1 : MOST_DRIFT);
  }
}
