// Several texts as chips, each of which can be taken away, and a line for one more.

import { button, element } from "../dom.js";
import { keepFocus } from "../panel/focus.js";
import { meant, visible } from "./escapes.js";
import { Field } from "./field.js";

/** The texts at which an answer stops. */
export class Texts {
  /**
   * @param {import("./context.js").Context} context
   * @param {import("../messages.js").TextsInput} input
   */
  constructor(context, { placeholder }) {
    this.context = context;
    /** @type {string[]} */
    this.texts = [];
    this.chips = element("ul", "chatwidget-parameter-chips");
    this.chips.setAttribute("aria-label", context.name);
    const node = element("input", "chatwidget-parameter-line");
    node.type = "text";
    node.placeholder = placeholder;
    node.title = "\\n stands for a new line";
    node.setAttribute("aria-label", placeholder);
    this.line = new Field(node, (text) => this.add(text));
    this.beside = null;
    this.below = element("div", "chatwidget-parameter-below", this.chips, node);
  }

  /** @param {string} written */
  add(written) {
    const text = meant(written);
    if (text !== "" && !this.texts.includes(text)) {
      this.context.send({ type: "ControlSet", value: [...this.texts, text] });
    } else {
      this.line.show("");
    }
  }

  /** @param {string} text */
  remove(text) {
    this.context.send({ type: "ControlSet", value: this.texts.filter((each) => each !== text) });
  }

  /** @param {import("../messages.js").ControlState} state */
  show({ input, problem }) {
    const before = this.texts;
    this.texts = input.kind === "texts" ? input.texts : [];
    if (before.join("\0") !== this.texts.join("\0")) {
      keepFocus(this.below, () => this.chips.replaceChildren(...this.texts.map(this.chip, this)));
    }
    this.chips.hidden = !this.texts.length;
    if (this.texts.includes(meant(this.line.shown))) {
      this.line.show("");
    }
    this.line.mark(this.context.id, problem !== "");
  }

  /** @param {string} text */
  chip(text) {
    const shown = visible(text);
    const remove = button("×", `Remove ${shown}`, () => this.remove(text), "chatwidget-chip-remove");
    const said = element("code", "", shown);
    said.dir = "auto";
    return element("li", "chatwidget-parameter-chip", said, remove);
  }

  focus() {
    this.line.node.focus();
  }
}
