// A cell of the confusion matrix opens its images: by the pointer, or by arrow keys and Enter.
"use strict";
(() => {
  const clamp = (value, most) => Math.min(Math.max(value, 0), most);

  class Cells {
    constructor(section, svg, names) {
      Object.assign(this, { section, names, picture: svg.querySelector("image"), holder: svg.parentElement });
      this.frame = this.holder.appendChild(document.createElement("i"));
      this.frame.className = "frame";
      this.said = document.createElement("p");
      this.said.setAttribute("role", "status");
      section.querySelector(".cells").before(this.said);
      const [, row, column] = section.querySelector(".cells details").id.split("-").map(Number);
      Object.assign(this, { row, column });
      this.holder.className = "matrix";
      this.holder.tabIndex = 0;
      this.holder.setAttribute("role", "group");
      this.holder.setAttribute("aria-label", "Cells of the confusion matrix: arrow keys choose one, Enter opens its images");
      this.holder.addEventListener("click", event => this.point(event));
      this.holder.addEventListener("keydown", event => this.key(event));
      this.holder.addEventListener("focus", () => this.holder.matches(":focus-visible") && this.choose(this.row, this.column));
      section.querySelector(".cells").addEventListener("keydown", event => event.key === "Escape" && this.holder.focus());
    }

    get details() {
      return document.getElementById(`cell-${this.row}-${this.column}`);
    }

    point(event) {
      const box = this.picture.getBoundingClientRect();
      const column = Math.floor(((event.clientX - box.left) / box.width) * this.names.length);
      const row = Math.floor(((event.clientY - box.top) / box.height) * this.names.length);
      if (row !== clamp(row, this.names.length - 1) || column !== clamp(column, this.names.length - 1)) return;
      this.choose(row, column);
      this.open();
    }

    key(event) {
      const [down, right] = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }[event.key] ?? [0, 0];
      if (event.key === "Enter" || event.key === " ") this.open();
      else if (down || right) this.choose(this.row + down, this.column + right);
      else return;
      event.preventDefault();
    }

    choose(row, column) {
      const last = this.names.length - 1;
      this.row = clamp(row, last);
      this.column = clamp(column, last);
      const [box, around] = [this.picture, this.holder].map(one => one.getBoundingClientRect());
      const share = (length, whole) => `${(100 * length) / whole}%`;
      Object.assign(this.frame.style, {
        left: share(box.left - around.left + (this.column * box.width) / (last + 1), around.width),
        top: share(box.top - around.top + (this.row * box.height) / (last + 1), around.height),
        width: share(box.width / (last + 1), around.width),
        height: share(box.height / (last + 1), around.height),
      });
      const [true_, predicted] = [this.names[this.row], this.names[this.column]];
      const cell = this.row === this.column ? `${true_}, classified right` : `${true_}, taken for ${predicted}`;
      const images = this.details?.querySelector("summary .soft").textContent ?? "no picture is kept of such an image";
      this.said.textContent = `${cell}: ${images}`;
    }

    open() {
      const details = this.details;
      for (const other of this.section.querySelectorAll(".cells details")) other.open = other === details;
      if (!details) return this.said.scrollIntoView({ block: "nearest" });
      details.querySelector("summary").focus({ preventScroll: true });
      details.scrollIntoView({ block: "nearest" });
    }
  }

  const section = document.querySelector('[data-script="cells"]');
  const svg = [...section.querySelectorAll("figure svg")].find(one => one.querySelector("image"));
  const { names } = JSON.parse(section.querySelector(":scope > script").textContent);
  if (svg && section.querySelector(".cells details")) new Cells(section, svg, names);
})();
