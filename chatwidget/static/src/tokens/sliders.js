// The sliders that move what the answer was asked with: the page computes the rest.

import { button, element } from "../dom.js";
import { newId } from "../panel/ids.js";
import { NEUTRAL } from "./counterfactual.js";

/** @typedef {import("./counterfactual.js").Settings} Settings */

/** @type {[keyof Settings, number, number][]} */
const RANGES = [
  ["temperature", 0, 2],
  ["top_p", 0, 1],
  ["presence_penalty", -2, 2],
  ["frequency_penalty", -2, 2],
];
const STEP = 0.01;
const NOTE =
  "Nothing is sent: each probability is computed from what came, along the text as it is. Where " +
  "unlisted tokens could matter, it is a range.";

/** Four sliders, and buttons that set all of them. */
export class Sliders {
  /**
   * @param {Partial<Settings>} asked what the answer was asked with
   * @param {(settings: Settings) => void} onMove
   */
  constructor(asked, onMove) {
    this.asked = { ...NEUTRAL, ...asked };
    this.onMove = onMove;
    /** @type {Settings} */
    this.settings = { ...NEUTRAL };
    this.frame = 0;
    this.rows = RANGES.map(([name, least, most]) => this.row(name, least, most));
    const neutral = button("As the model thinks", "Set all to what changes nothing", () =>
      this.set(NEUTRAL),
    );
    const asAsked = button("As asked", "Set all to what the answer was asked with", () =>
      this.set(this.asked),
    );
    [neutral, asAsked].forEach((each) => each.setAttribute("aria-label", each.textContent ?? ""));
    const buttons = element("div", "chatwidget-tokens-buttons", neutral, asAsked);
    const note = element("p", "chatwidget-tokens-note", NOTE);
    const summary = element("summary", "", "What other settings would make of it");
    const rows = this.rows.map(({ node }) => node);
    const grid = element("div", "chatwidget-tokens-grid", ...rows);
    this.node = element("details", "chatwidget-tokens-sliders", summary, grid, buttons, note);
    this.node.open = true;
  }

  /**
   * @param {keyof Settings} name
   * @param {number} least
   * @param {number} most
   */
  row(name, least, most) {
    const input = element("input", "chatwidget-tokens-slider");
    Object.assign(input, { type: "range", id: newId("slider") });
    Object.assign(input, { min: String(least), max: String(most), step: String(STEP) });
    input.value = String(NEUTRAL[name]);
    const label = element("label", "", name);
    label.htmlFor = input.id;
    const output = element("output", "", this.text(name));
    output.htmlFor.add(input.id);
    input.addEventListener("input", () => this.move(name, Number(input.value)));
    const node = element("div", "chatwidget-tokens-row", label, input, output);
    return { name, input, output, node };
  }

  /** @param {keyof Settings} name */
  text(name) {
    return String(Number(this.settings[name].toFixed(2)));
  }

  /**
   * @param {keyof Settings} name
   * @param {number} value
   */
  move(name, value) {
    this.settings = { ...this.settings, [name]: value };
    this.soon();
  }

  /** @param {Settings} settings */
  set(settings) {
    this.settings = { ...settings };
    this.rows.forEach(({ name, input }) => (input.value = String(settings[name])));
    this.soon();
  }

  /** Once in a frame, however often a slider moves in it. */
  soon() {
    this.frame ||= requestAnimationFrame(() => {
      this.frame = 0;
      this.rows.forEach(({ name, output }) => (output.textContent = this.text(name)));
      this.onMove(this.settings);
    });
  }

  dispose() {
    cancelAnimationFrame(this.frame);
  }
}
