/* The painted area, as the alpha of a canvas with the picture's own pixels. */

import { History } from "./history.js";
import { blank, copy, stampOf, TINT_COLOUR, toPainted } from "./pixels.js";

export class Surface {
  constructor(width, height) {
    [this.width, this.height] = [width, height];
    this.canvas = blank(width, height);
    this.paint = this.canvas.getContext("2d");
    this.before = blank(width, height).getContext("2d");
    this.paint.fillStyle = this.paint.strokeStyle = TINT_COLOUR;
    [this.paint.lineCap, this.paint.lineJoin] = ["round", "round"];
    this.history = new History(this.paint, this.before);
  }

  /* A brush is {radius, soft, erase}: picture pixels, 0 to 1, a boolean. */
  begin(point, brush) {
    copy(this.before, this.canvas);
    this.stroke = { brush, last: point, bounds: null, stamp: brush.soft ? stampOf(brush) : null };
    this.move(point);
  }

  move(point) {
    const { brush, last, stamp } = this.stroke;
    this.paint.globalCompositeOperation = brush.erase ? "destination-out" : "source-over";
    if (stamp) this.stamp(point);
    else this.line(last, point, brush.radius);
    this.reach(last, brush.radius);
    this.reach(point, brush.radius);
    if (!stamp) this.stroke.last = point;
  }

  end() {
    if (!this.stroke) return;
    this.remember(this.stroke.bounds);
    this.stroke = null;
  }

  cancel() {
    if (this.stroke) copy(this.paint, this.before.canvas);
    this.stroke = null;
  }

  undo() {
    this.history.undo();
  }

  redo() {
    this.history.redo();
  }

  clear() {
    this.change(() => this.paint.clearRect(0, 0, this.width, this.height));
  }

  invert() {
    this.change(() => {
      this.paint.globalCompositeOperation = "source-out";
      this.paint.fillRect(0, 0, this.width, this.height);
    });
  }

  /* Load a mask: its transparent parts, or without any its dark ones, become painted. */
  load(image) {
    const scratch = blank(this.width, this.height).getContext("2d");
    scratch.drawImage(image, 0, 0, this.width, this.height);
    const pixels = scratch.getImageData(0, 0, this.width, this.height);
    toPainted(pixels.data);
    this.change(() => this.paint.putImageData(pixels, 0, 0));
  }

  /* Return the painted share of the picture, 0 to 1; exactly 0 only if nothing is painted. */
  share() {
    const { data } = this.paint.getImageData(0, 0, this.width, this.height);
    let sum = 0;
    for (let at = 3; at < data.length; at += 4) sum += data[at];
    return sum / 255 / (this.width * this.height);
  }

  /* Return the mask as it is sent: a PNG, transparent where it is painted, else opaque. */
  toBlob() {
    const mask = blank(this.width, this.height).getContext("2d");
    mask.fillStyle = "#fff";
    mask.fillRect(0, 0, this.width, this.height);
    mask.globalCompositeOperation = "destination-out";
    mask.drawImage(this.canvas, 0, 0);
    return new Promise((resolve) => mask.canvas.toBlob(resolve, "image/png"));
  }

  line(from, to, radius) {
    this.paint.lineWidth = radius * 2;
    this.paint.beginPath();
    this.paint.moveTo(from.x, from.y);
    // A line of zero length is not drawn, not even its round ends.
    this.paint.lineTo(to.x + 0.01, to.y);
    this.paint.stroke();
  }

  /* Draw a soft stroke as round stamps at a fixed distance. */
  stamp(point) {
    const { brush, stamp } = this.stroke;
    const apart = Math.max(brush.radius * 0.2, 0.5);
    const [across, down] = [point.x - this.stroke.last.x, point.y - this.stroke.last.y];
    const steps = Math.floor(Math.hypot(across, down) / apart);
    const first = this.stroke.bounds ? 1 : 0;
    const from = this.stroke.last;
    for (let step = first; step <= steps; step++) {
      const part = steps ? step / steps : 0;
      const [x, y] = [from.x + across * part, from.y + down * part];
      this.stroke.last = { x, y };
      this.paint.drawImage(stamp, x - stamp.width / 2, y - stamp.width / 2);
    }
  }

  reach(point, radius) {
    const far = radius + 2;
    const around = [point.x - far, point.y - far, point.x + far, point.y + far];
    const old = this.stroke.bounds ?? around;
    const outer = (edge, side) => Math[side < 2 ? "min" : "max"](edge, old[side]);
    this.stroke.bounds = around.map(outer);
  }

  change(draw) {
    copy(this.before, this.canvas);
    draw();
    this.remember([0, 0, this.width, this.height]);
  }

  remember(bounds) {
    this.paint.globalCompositeOperation = "source-over";
    this.history.remember(bounds);
  }
}
