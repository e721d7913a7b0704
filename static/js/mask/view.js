/* The picture with its tint on screen: its size and position, and the brush above it. */

const TINT_ALPHA = 0.6;
const MOST_ZOOM = 16;
const MARGIN = 24;
// Black and white side by side are visible on any picture: colour and width on screen.
const RINGS = [
  ["#000", 3],
  ["#fff", 1.5],
];

export class View {
  constructor(canvas) {
    this.canvas = canvas;
    this.pen = canvas.getContext("2d");
    this.watcher = new ResizeObserver(() => this.resize());
    this.watcher.observe(canvas);
  }

  show(picture, surface, brush) {
    Object.assign(this, { picture, surface, brush, cursor: null, fitted: true });
    this.resize();
  }

  close() {
    this.picture = this.surface = null;
  }

  resize() {
    this.density = devicePixelRatio || 1;
    this.canvas.width = Math.round(this.canvas.clientWidth * this.density);
    this.canvas.height = Math.round(this.canvas.clientHeight * this.density);
    if (this.fitted && this.surface) this.fit();
    this.redraw();
  }

  fit() {
    const { clientWidth, clientHeight } = this.canvas;
    this.scale = this.smallest();
    this.x = (clientWidth - this.surface.width * this.scale) / 2;
    this.y = (clientHeight - this.surface.height * this.scale) / 2;
    this.fitted = true;
    this.redraw();
  }

  /* Zoom by a factor around a spot of the screen, which stays where it is. */
  zoom(factor, spot = this.middle()) {
    const scale = Math.min(Math.max(this.scale * factor, this.smallest()), MOST_ZOOM);
    this.x = spot.x - ((spot.x - this.x) * scale) / this.scale;
    this.y = spot.y - ((spot.y - this.y) * scale) / this.scale;
    this.scale = scale;
    if (scale > this.smallest()) this.pan(0, 0);
    else this.fit();
  }

  pan(across, down) {
    this.fitted = false;
    this.x = held(this.x + across, this.surface.width * this.scale, this.canvas.clientWidth);
    this.y = held(this.y + down, this.surface.height * this.scale, this.canvas.clientHeight);
    this.redraw();
  }

  /* Move the picture just enough to show one of its points. */
  reveal(point) {
    const [x, y] = [this.x + point.x * this.scale, this.y + point.y * this.scale];
    const { clientWidth, clientHeight } = this.canvas;
    const across = Math.max(MARGIN - x, 0) + Math.min(clientWidth - MARGIN - x, 0);
    const down = Math.max(MARGIN - y, 0) + Math.min(clientHeight - MARGIN - y, 0);
    if (across || down) this.pan(across, down);
  }

  /* Convert window coordinates to the canvas, and to the picture. */
  spot(event) {
    const box = this.canvas.getBoundingClientRect();
    return { x: event.clientX - box.left, y: event.clientY - box.top };
  }

  point(event) {
    const spot = this.spot(event);
    return { x: (spot.x - this.x) / this.scale, y: (spot.y - this.y) / this.scale };
  }

  middle() {
    return { x: this.canvas.clientWidth / 2, y: this.canvas.clientHeight / 2 };
  }

  smallest() {
    const { clientWidth, clientHeight } = this.canvas;
    const across = (clientWidth - MARGIN) / this.surface.width;
    const scale = Math.min(across, (clientHeight - MARGIN) / this.surface.height);
    return Math.min(Math.max(scale, 0.01), MOST_ZOOM);
  }

  /* Redraw at most once per frame. */
  redraw() {
    this.frame ??= requestAnimationFrame(() => {
      this.frame = null;
      if (this.surface) this.draw();
    });
  }

  draw() {
    const { pen, surface, scale, density } = this;
    pen.setTransform(1, 0, 0, 1, 0, 0);
    pen.clearRect(0, 0, this.canvas.width, this.canvas.height);
    pen.setTransform(scale * density, 0, 0, scale * density, this.x * density, this.y * density);
    pen.imageSmoothingEnabled = scale * density < 3;
    pen.drawImage(this.picture, 0, 0, surface.width, surface.height);
    pen.globalAlpha = TINT_ALPHA;
    pen.drawImage(surface.canvas, 0, 0);
    pen.globalAlpha = 1;
    if (this.cursor) this.ring();
  }

  ring() {
    const { pen, cursor, brush } = this;
    const thin = 1 / this.scale;
    const cross = cursor.keys ? Math.max(brush.radius * 0.3, 5 * thin) : 0;
    for (const [colour, wide] of RINGS) {
      pen.strokeStyle = colour;
      pen.lineWidth = wide * thin;
      pen.beginPath();
      pen.arc(cursor.x, cursor.y, brush.radius, 0, Math.PI * 2);
      pen.moveTo(cursor.x - cross, cursor.y);
      pen.lineTo(cursor.x + cross, cursor.y);
      pen.moveTo(cursor.x, cursor.y - cross);
      pen.lineTo(cursor.x, cursor.y + cross);
      pen.stroke();
    }
  }
}

/* Return a position at which the picture still covers the middle. */
function held(at, length, room) {
  return Math.min(Math.max(at, room / 2 - length), room / 2);
}
