// A slider with two handles: the ends of a range.

import { element } from "../dom.js";

/** Two sliders on one track; either may be the lower one. */
export class Span {
  /** @param {() => void} onChange called when a handle is released, or moved by a key */
  constructor(onChange) {
    this.handles = ["From", "To"].map((name) => {
      const handle = element("input", "chatwidget-span-handle");
      handle.type = "range";
      handle.setAttribute("aria-label", name);
      handle.addEventListener("input", () => this.draw());
      handle.addEventListener("change", onChange);
      return handle;
    });
    this.text = element("output", "chatwidget-span-text");
    this.track = element("div", "chatwidget-span-track", ...this.handles);
    this.node = element("div", "chatwidget-span", this.track, this.text);
  }

  /** @returns {[number, number]} the ends, the lower one first */
  get ends() {
    const [one = 0, other = 0] = this.handles.map((handle) => Number(handle.value));
    return [Math.min(one, other), Math.max(one, other)];
  }

  /**
   * @param {import("../messages.js").TuneChoice} choice
   * @param {number} low
   * @param {number} high
   */
  show({ minimum, maximum, step }, low, high) {
    for (const [place, value] of [low, high].entries()) {
      const handle = /** @type {HTMLInputElement} */ (this.handles[place]);
      handle.min = String(minimum);
      handle.max = String(maximum);
      handle.step = String(step);
      handle.value = String(value);
    }
    this.draw();
  }

  draw() {
    const [low, high] = this.ends;
    const { min, max } = /** @type {HTMLInputElement} */ (this.handles[0]);
    const length = Number(max) - Number(min) || 1;
    this.track.style.setProperty("--low", `${(100 * (low - Number(min))) / length}%`);
    this.track.style.setProperty("--high", `${(100 * (high - Number(min))) / length}%`);
    this.text.textContent = `${low} to ${high}`;
  }
}
