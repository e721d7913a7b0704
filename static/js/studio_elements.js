/* The small elements of the studio's form: counter, stepper, upload previews; and the clock of a tile. */

class StudioCount extends HTMLElement {
  connectedCallback() {
    this.field = document.getElementById(this.getAttribute("for"));
    this.field.addEventListener("input", () => this.show());
    this.show();
  }

  show() {
    const length = [...this.field.value].length;
    const most = Number(this.dataset.most);
    this.textContent = most && length > most * 0.8 ? `${length} / ${most}` : length;
    this.classList.toggle("over", Boolean(most && length > most));
  }
}

class StudioStepper extends HTMLElement {
  connectedCallback() {
    const input = this.querySelector("input");
    for (const button of this.querySelectorAll("button")) {
      button.hidden = false;
      button.addEventListener("click", () => {
        const wanted = (Number(input.value) || 1) + Number(button.dataset.step);
        input.value = Math.min(Math.max(wanted, input.min), input.max);
        input.dispatchEvent(new Event("change", { bubbles: true }));
      });
    }
  }
}

class StudioUploads extends HTMLElement {
  connectedCallback() {
    this.input = this.querySelector("input");
    this.list = this.querySelector("ul");
    this.input.addEventListener("change", this.show);
  }

  show = () => {
    for (const image of this.list.querySelectorAll("img")) URL.revokeObjectURL(image.src);
    this.list.replaceChildren(...[...this.input.files].map(preview));
    this.list.hidden = !this.input.files.length;
  };
}

function preview(file) {
  const image = Object.assign(new Image(56, 56), { src: URL.createObjectURL(file), alt: file.name, className: "tile thumb" });
  const entry = document.createElement("li");
  entry.append(image);
  return entry;
}

class StudioClock extends HTMLElement {
  connectedCallback() {
    // Counted from what the server said, so that a wrong clock of the device does not show.
    const passed = Number(this.textContent);
    const start = performance.now();
    this.timer = setInterval(() => {
      this.textContent = Math.round(passed + (performance.now() - start) / 1000);
    }, 500);
  }

  disconnectedCallback() {
    clearInterval(this.timer);
  }
}

customElements.define("studio-count", StudioCount);
customElements.define("studio-stepper", StudioStepper);
customElements.define("studio-uploads", StudioUploads);
customElements.define("studio-clock", StudioClock);
