// A box for a number, which may be written exactly.

import { button, element } from "../dom.js";
import { Field } from "./field.js";

const LARGEST_SEED = 2 ** 31;

/** The box; grey in it is what holds while nothing is sent. */
export class NumberBox {
  /** @param {import("./context.js").Context} context */
  constructor(context) {
    this.context = context;
    this.node = element("input", "chatwidget-parameter-number");
    this.node.type = "number";
    this.node.step = "any";
    this.node.setAttribute("aria-label", context.name);
    this.field = new Field(this.node, (text) => this.write(text));
  }

  /** @param {string} text */
  write(text) {
    if (this.node.validity.badInput) {
      this.context.complain("This is no number.");
    } else {
      this.context.send({ type: "ControlWrite", text });
    }
  }

  /** @param {import("../messages.js").ControlState} state */
  show({ parameter, default: holds, problem, draft }) {
    this.node.placeholder = holds;
    this.node.step = parameter.step ? String(parameter.step) : "any";
    this.field.show(problem && draft ? draft : parameter.text);
    this.field.mark(this.context.id, problem !== "");
  }
}

/** The box alone; a seed has a die beside it. */
export class NumberInput {
  /**
   * @param {import("./context.js").Context} context
   * @param {import("../messages.js").NumberInput} input
   */
  constructor(context, { die }) {
    this.box = new NumberBox(context);
    const onThrow = () => {
      const value = Math.floor(Math.random() * LARGEST_SEED);
      context.send({ type: "ControlSet", value });
    };
    const dice = die
      ? [button("⚄", "Throw the die: another seed", onThrow, "chatwidget-parameter-icon")]
      : [];
    this.beside = element("span", "chatwidget-parameter-beside", ...dice, this.box.node);
    this.below = null;
  }

  /** @param {import("../messages.js").ControlState} state */
  show(state) {
    this.box.show(state);
  }

  focus() {
    this.box.node.focus();
  }
}
