// A few values as buttons, of which one is chosen, and a line for any other where that may be.

import { button, element } from "../dom.js";
import { Field } from "./field.js";

/** Buttons beside each other, of which at most one is pressed. */
export class Segments {
  /**
   * @param {string} label
   * @param {{ value: unknown, label: string }[]} options
   * @param {(value: unknown) => void} onChoose
   */
  constructor(label, options, onChoose) {
    this.buttons = options.map((option) => ({
      value: option.value,
      node: button(option.label, option.label, () => onChoose(option.value), "chatwidget-segment"),
    }));
    this.node = element("span", "chatwidget-segments", ...this.buttons.map(({ node }) => node));
    this.node.setAttribute("role", "group");
    this.node.setAttribute("aria-label", label);
  }

  /**
   * @param {unknown} value
   * @param {unknown} fallback what holds while no value is sent
   */
  show(value, fallback = null) {
    for (const each of this.buttons) {
      each.node.setAttribute("aria-pressed", String(each.value === value));
      const holds = value === null && fallback !== null && each.value === fallback;
      each.node.classList.toggle("chatwidget-segment-default", holds);
      each.node.title = holds ? "The default, which holds while nothing is sent" : "";
    }
  }

  focus() {
    this.buttons[0]?.node.focus();
  }
}

/** The choice of one value. */
export class Choice {
  /**
   * @param {import("./context.js").Context} context
   * @param {import("../messages.js").ChoiceInput} input
   */
  constructor(context, { options, free, placeholder }) {
    this.context = context;
    this.segments = new Segments(context.name, options, (value) =>
      context.send({ type: "ControlSet", value }),
    );
    this.line = free ? this.makeLine(placeholder) : null;
    const nodes = [
      ...(options.length ? [this.segments.node] : []),
      ...(this.line ? [this.line.node] : []),
    ];
    this.beside = free ? null : element("span", "chatwidget-parameter-beside", ...nodes);
    this.below = free ? element("div", "chatwidget-parameter-below", ...nodes) : null;
  }

  /** @param {string} placeholder */
  makeLine(placeholder) {
    const node = element("input", "chatwidget-parameter-line");
    node.type = "text";
    node.placeholder = placeholder;
    node.setAttribute("aria-label", `${this.context.name}, ${placeholder}`);
    // a line that is emptied sends nothing; one that was empty has changed nothing
    return new Field(node, (text) => this.context.send({ type: "ControlWrite", text }));
  }

  /** @param {import("../messages.js").ControlState} state */
  show({ parameter, input, problem, draft }) {
    this.segments.show(parameter.value, parameter.default);
    if (this.line && input.kind === "choice") {
      this.line.show(problem && draft ? draft : input.text);
      this.line.mark(this.context.id, problem !== "");
    }
  }

  focus() {
    (this.line?.node ?? this.segments).focus();
  }
}
