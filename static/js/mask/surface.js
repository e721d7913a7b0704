/* What is painted, as the alpha of a canvas with the picture's own pixels; strokes can be undone. */

const TINT = [235, 72, 36];
const MOST_UNDO_BYTES = 128 * 2 ** 20;

export class Surface {
  constructor(width, height) {
    [this.width, this.height] = [width, height];
    this.canvas = blank(width, height);
    this.paint = this.canvas.getContext("2d");
    this.before = blank(width, height).getContext("2d");
    this.paint.fillStyle = this.paint.strokeStyle = `rgb(${TINT})`;
    [this.paint.lineCap, this.paint.lineJoin] = ["round", "round"];
    [this.done, this.undone] = [[], []];
  }

  /* A brush is {radius, soft, erase}: picture pixels, 0 to 1, yes or no. */
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
    if (this.done.length) this.undone.push(this.swap(this.done.pop()));
  }

  redo() {
    if (this.undone.length) this.done.push(this.swap(this.undone.pop()));
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

  /* Takes a mask: its clear parts, or without any its dark ones, become painted. */
  load(image) {
    const scratch = blank(this.width, this.height).getContext("2d");
    scratch.drawImage(image, 0, 0, this.width, this.height);
    const pixels = scratch.getImageData(0, 0, this.width, this.height);
    toPainted(pixels.data);
    this.change(() => this.paint.putImageData(pixels, 0, 0));
  }

  /* The share of the picture that changes, 0 to 1; exactly 0 only where nothing is painted. */
  share() {
    const { data } = this.paint.getImageData(0, 0, this.width, this.height);
    let sum = 0;
    for (let at = 3; at < data.length; at += 4) sum += data[at];
    return sum / 255 / (this.width * this.height);
  }

  /* The mask as it is sent: a PNG that is clear where something is painted, else opaque. */
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
    // A line of no length at all is not drawn, not even its round ends.
    this.paint.lineTo(to.x + 0.01, to.y);
    this.paint.stroke();
  }

  /* Soft edges need one round stamp after the other, a fixed way apart. */
  stamp(point) {
    const { brush, stamp } = this.stroke;
    const apart = Math.max(brush.radius * 0.2, 0.5);
    const [across, down] = [point.x - this.stroke.last.x, point.y - this.stroke.last.y];
    const steps = Math.floor(Math.hypot(across, down) / apart);
    const first = this.stroke.bounds ? 1 : 0;
    const from = this.stroke.last;
    for (let step = first; step <= steps; step++) {
      const part = steps ? step / steps : 0;
      this.stroke.last = { x: from.x + across * part, y: from.y + down * part };
      this.paint.drawImage(stamp, this.stroke.last.x - stamp.width / 2, this.stroke.last.y - stamp.width / 2);
    }
  }

  reach(point, radius) {
    const around = [point.x - radius - 2, point.y - radius - 2, point.x + radius + 2, point.y + radius + 2];
    const old = this.stroke.bounds ?? around;
    this.stroke.bounds = around.map((edge, side) => (side < 2 ? Math.min(edge, old[side]) : Math.max(edge, old[side])));
  }

  change(draw) {
    copy(this.before, this.canvas);
    draw();
    this.remember([0, 0, this.width, this.height]);
  }

  /* Keeps what stood within some bounds before the last change. */
  remember(bounds) {
    this.paint.globalCompositeOperation = "source-over";
    const [left, top] = bounds.slice(0, 2).map((edge) => Math.max(Math.floor(edge), 0));
    const width = Math.min(Math.ceil(bounds[2]), this.width) - left;
    const height = Math.min(Math.ceil(bounds[3]), this.height) - top;
    if (width <= 0 || height <= 0) return;
    this.done.push({ left, top, pixels: this.before.getImageData(left, top, width, height) });
    this.undone = [];
    while (this.done.length > 1 && bytesOf(this.done) > MOST_UNDO_BYTES) this.done.shift();
  }

  swap({ left, top, pixels }) {
    const now = this.paint.getImageData(left, top, pixels.width, pixels.height);
    this.paint.putImageData(pixels, left, top);
    return { left, top, pixels: now };
  }
}

const bytesOf = (patches) => patches.reduce((sum, patch) => sum + patch.pixels.data.length, 0);

function blank(width, height) {
  return Object.assign(document.createElement("canvas"), { width, height });
}

function copy(context, source) {
  const before = context.globalCompositeOperation;
  context.globalCompositeOperation = "copy";
  context.drawImage(source, 0, 0);
  context.globalCompositeOperation = before;
}

function stampOf({ radius, soft }) {
  const side = Math.ceil(radius * 2) + 2;
  const stamp = blank(side, side).getContext("2d");
  const fade = stamp.createRadialGradient(side / 2, side / 2, radius * (1 - soft), side / 2, side / 2, radius);
  fade.addColorStop(0, `rgb(${TINT})`);
  fade.addColorStop(1, `rgba(${TINT}, 0)`);
  stamp.fillStyle = fade;
  stamp.fillRect(0, 0, side, side);
  return stamp.canvas;
}

function toPainted(data) {
  let opaque = true;
  for (let at = 3; at < data.length && opaque; at += 4) opaque = data[at] === 255;
  for (let at = 0; at < data.length; at += 4) {
    const kept = opaque ? Math.round(data[at] * 0.299 + data[at + 1] * 0.587 + data[at + 2] * 0.114) : data[at + 3];
    [data[at], data[at + 1], data[at + 2]] = TINT;
    data[at + 3] = 255 - kept;
  }
}
