// What shades and lines mean.

import { element } from "../dom.js";
import { shareText } from "./scale.js";

/** A line of samples, in words as well. */
export class Legend {
  /** @param {import("../messages.js").Scale} scale */
  constructor({ probabilities, shades, entropies, lines, ink }) {
    const least = probabilities.at(-1) ?? 0;
    const names = [...probabilities.map((each) => `over ${shareText(each)}`), `up to ${least}`];
    const samples = names.map((name, step) => {
      const sample = element("span", "chatwidget-tokens-sample", name);
      sample.style.background = shades[step] || "transparent";
      return sample;
    });
    const marks = entropies.map((bits, step) => {
      const mark = element("span", "chatwidget-tokens-sample", `from ${bits}`);
      mark.style.borderBottom = `${lines[step + 1]} solid ${ink}`;
      return mark;
    });
    this.node = element("div", "chatwidget-tokens-legend", "Probability: ", ...samples);
    this.node.append(" Entropy in bits: ", ...marks);
  }
}
