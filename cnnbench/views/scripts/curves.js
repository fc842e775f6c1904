// Curves that answer: their values under the pointer or, by arrow keys, under a line that these move; series on and off.
"use strict";
(() => {
  const MOST = 8; // values beside each other; of more lines those next to the pointer
  const CLOSE = 8; // points across that a value may lie beside the line
  const APART = 8; // pixels between the line and the values, which stand where there is more room

  const place = (scale, value) => scale.offset + scale.factor * (scale.log ? Math.log10(value) : value);
  const written = value => String(Number(value.toPrecision(4)));
  const clamp = (value, low, high) => Math.min(Math.max(value, low), high);

  const element = (name, attributes = {}, ...children) => {
    const made = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    made.append(...children);
    return made;
  };
  const swatch = color => {
    const made = element("i", { "aria-hidden": "true" });
    made.style.background = color;
    return made;
  };

  class Curves {
    constructor(panel, told, off) {
      Object.assign(this, { panel, told, off });
      this.svg = panel.querySelector("svg");
      this.box = this.svg.viewBox.baseVal;
      this.guide = this.svg.appendChild(document.createElementNS(this.svg.namespaceURI, "g"));
      this.readout = panel.appendChild(element("output", { class: "readout" }));
      this.points = told.lines.map(line => line.x.map((x, i) => ({ x, y: line.y[i], line })).filter(p => p.y !== null)
        .map(p => ({ ...p, left: place(told.x, p.x), top: place(told.y, p.y) })));
      this.across = [...new Map(this.points.flat().map(p => [p.x, p])).values()].sort((a, b) => a.left - b.left);
      this.at = -1;
      this.top = this.box.height / 2;
      panel.tabIndex = 0;
      panel.setAttribute("role", "group");
      panel.setAttribute("aria-label", `${told.of}: left and right arrow keys read the values`);
      panel.addEventListener("pointermove", event => this.point(event));
      panel.addEventListener("pointerdown", event => this.point(event));
      panel.addEventListener("pointerleave", () => this.clear());
      panel.addEventListener("blur", () => this.clear());
      panel.addEventListener("keydown", event => this.key(event));
    }

    point(event) {
      const seen = this.svg.getBoundingClientRect();
      const left = ((event.clientX - seen.left) / seen.width) * this.box.width;
      this.top = ((event.clientY - seen.top) / seen.height) * this.box.height;
      const away = this.across.map(one => Math.abs(one.left - left));
      this.at = away.indexOf(Math.min(...away));
      this.show();
    }

    key(event) {
      const last = this.across.length - 1;
      const moves = { ArrowRight: this.at + 1, ArrowLeft: this.at < 0 ? last : this.at - 1, Home: 0, End: last };
      const step = { ArrowUp: -this.box.height / 20, ArrowDown: this.box.height / 20 }[event.key];
      if (event.key === "Escape") return this.clear();
      if (!(event.key in moves) && !(step && this.at >= 0 && this.points.length > MOST)) return;
      event.preventDefault();
      if (step) this.top = clamp(this.top + step, 0, this.box.height);
      else this.at = clamp(moves[event.key], 0, last);
      this.show();
    }

    values(left) {
      const shown = this.points.filter(([one]) => one && !this.off.has(this.told.series[one.line.series]));
      const nearest = shown.map(points => points.reduce((best, one) => {
        const closer = Math.abs(one.left - left) - Math.abs(best.left - left);
        return closer < 0 || (closer === 0 && Math.abs(one.top - this.top) < Math.abs(best.top - this.top)) ? one : best;
      }));
      const near = nearest.filter(one => Math.abs(one.left - left) <= CLOSE);
      if (near.length <= MOST) return near;
      return near.sort((a, b) => Math.abs(a.top - this.top) - Math.abs(b.top - this.top)).slice(0, MOST)
        .sort((a, b) => a.top - b.top);
    }

    show() {
      const here = this.across[this.at];
      if (!here) return;
      const found = this.values(here.left);
      const tick = this.told.x.ticks.find(([value]) => value === here.x);
      const head = element("b", {}, `${this.told.x.name} ${tick ? tick[1] : written(here.x)}`);
      this.readout.replaceChildren(head, ...found.map(one => {
        const name = one.line.name || this.told.y.name;
        return element("span", { title: name }, swatch(one.line.color), `${written(one.y)} ${name}`);
      }));
      this.lay(here.left);
      const [y1, y2] = this.told.y.ends;
      this.guide.replaceChildren(this.mark("line", { x1: here.left, x2: here.left, y1, y2, class: "guide" }),
        ...found.map(one => this.mark("circle", { cx: one.left, cy: one.top, r: 3.5, style: `fill: ${one.line.color}` })));
    }

    lay(left) {
      const [panel, svg] = [this.panel, this.svg].map(one => one.getBoundingClientRect());
      const across = svg.left - panel.left + (left / this.box.width) * svg.width;
      const top = svg.top - panel.top + (Math.min(...this.told.y.ends) / this.box.height) * svg.height;
      const [side, room] = across < panel.width / 2 ? ["left", across] : ["right", panel.width - across];
      this.readout.style.cssText = `top: ${top}px; ${side}: ${room + APART}px`;
    }

    mark(name, attributes) {
      const made = document.createElementNS(this.svg.namespaceURI, name);
      for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
      return made;
    }

    clear() {
      this.at = -1;
      this.readout.replaceChildren();
      this.guide.replaceChildren();
    }

    turn() {
      for (const group of this.svg.querySelectorAll("[data-series]"))
        group.classList.toggle("off", this.off.has(this.told.series[group.dataset.series]));
      this.show();
    }
  }

  const button = (series, at, off, panels) => {
    const made = element("button", { type: "button", "aria-pressed": "true" }, swatch(series.color), series.name);
    made.addEventListener("click", () => {
      const shown = off.delete(at) || !off.add(at);
      made.setAttribute("aria-pressed", String(shown));
      panels.forEach(panel => panel.turn());
    });
    return made;
  };

  for (const figure of document.querySelectorAll('figure[data-script="curves"]')) {
    const data = JSON.parse(figure.querySelector(":scope > script").textContent);
    const off = new Set();
    const panels = [...figure.querySelectorAll(".panel")]
      .map((panel, at) => data.panels[at] && new Curves(panel, data.panels[at], off)).filter(Boolean);
    if (data.series.length < 2) continue;
    const buttons = data.series.map((series, at) => button(series, at, off, panels));
    figure.prepend(element("div", { class: "switches", role: "group", "aria-label": "Shown in the plots" }, ...buttons));
  }
})();
