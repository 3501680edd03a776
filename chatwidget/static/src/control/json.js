// A field for JSON; it is there once there is some, or somebody wants to write some.

import { button, element } from "../dom.js";
import { Field } from "./field.js";

/** JSON as text. */
export class Json {
  /**
   * @param {import("./context.js").Context} context
   * @param {import("../messages.js").JsonInput} input
   */
  constructor(context, { placeholder }) {
    this.context = context;
    this.isOpen = false;
    const label = `Write JSON… for ${context.name}`;
    this.open = button("Write JSON…", label, () => this.focus(), "chatwidget-parameter-link-button");
    const node = element("textarea", "chatwidget-parameter-json");
    node.placeholder = placeholder;
    node.rows = 3;
    node.setAttribute("aria-label", `${context.name}, as JSON`);
    this.field = new Field(node, (text) => context.send({ type: "ControlWrite", text }));
    this.beside = element("span", "chatwidget-parameter-beside", this.open);
    this.below = element("div", "chatwidget-parameter-below", node);
  }

  /** @param {import("../messages.js").ControlState} state */
  show({ input, problem, draft }) {
    if (input.kind !== "json") {
      return;
    }
    const text = problem && draft ? draft : input.text;
    this.isOpen ||= text !== "";
    this.field.show(text);
    this.field.node.rows = Math.min(12, Math.max(3, text.split("\n").length));
    this.field.mark(this.context.id, problem !== "");
    this.draw();
  }

  draw() {
    this.open.hidden = this.isOpen;
    this.below.hidden = !this.isOpen;
  }

  focus() {
    this.isOpen = true;
    this.draw();
    this.field.node.focus();
  }
}
