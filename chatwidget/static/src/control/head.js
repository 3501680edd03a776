// The head of a row: whether the parameter is sent, its name, and what is one line high.

import { button, element } from "../dom.js";

/** The switch, the name, a small input, reset and help. */
export class Head {
  /**
   * @param {import("./context.js").Context} context
   * @param {import("./context.js").Part} input
   * @param {HTMLElement} help
   */
  constructor(context, input, help) {
    this.context = context;
    this.input = input;
    this.starts = true;
    this.toggle = element("input");
    this.toggle.type = "checkbox";
    this.toggle.setAttribute("role", "switch");
    this.toggle.addEventListener("change", () => this.onToggle());
    const name = element("code", "chatwidget-parameter-name", context.name);
    this.label = element("label", "chatwidget-parameter-switch", this.toggle, name);
    const title = `Reset: send no ${context.name}, so that the server's default holds`;
    this.reset = button("↺", title, () => this.onReset(), "chatwidget-parameter-icon");
    const beside = input.beside ? [input.beside] : [];
    const parts = [this.label, ...beside, this.reset, help];
    this.node = element("div", "chatwidget-parameter-head", ...parts);
  }

  /** @param {import("../messages.js").ControlState} state */
  show({ parameter, starts, default: holds }) {
    const sent = parameter.value !== null;
    const unsent = `${this.context.name} is not sent${holds ? `; default: ${holds}` : ""}`;
    this.starts = starts;
    this.toggle.checked = sent;
    this.label.title = sent ? `${this.context.name} is sent` : unsent;
    this.reset.disabled = !sent;
  }

  /** Where switching on is not enough, the person is led to what is missing. */
  onToggle() {
    const on = this.toggle.checked;
    if (on && !this.starts) {
      this.toggle.checked = false;
      this.input.focus();
    } else {
      this.context.send({ type: "ControlSwitch", on });
    }
  }

  onReset() {
    this.toggle.focus(); // since the button goes away
    this.context.send({ type: "ControlSwitch", on: false });
  }
}
