// All that is sent beside the model and the messages, in one line; each part leads to its control.

import { button, element } from "../dom.js";
import { keepFocus } from "./focus.js";

/** A line of what is sent. */
export class Sent {
  /**
   * @param {import("./context.js").Context} context
   * @param {(name: string) => void} onShow called with the name of a parameter to show
   */
  constructor({ store }, onShow) {
    this.onShow = onShow;
    this.node = element("div", "chatwidget-sent");
    this.node.setAttribute("role", "group");
    this.node.setAttribute("aria-label", "Sent parameters");
    this.dispose = store.watch(["parameters", "extra_body"], (state) => this.show(state));
  }

  /** @param {import("../messages.js").PanelState} state */
  show({ parameters, extra_body }) {
    const sent = Object.values(parameters).filter(({ status }) => status === "sent");
    const others = extra_body ? [element("span", "chatwidget-quiet", "and other fields")] : [];
    const nothing = element("span", "chatwidget-quiet", "No parameter is sent.");
    keepFocus(this.node, () => {
      const chips = [...sent.map((each) => this.chip(each)), ...others];
      this.node.replaceChildren(...(chips.length ? chips : [nothing]));
    });
  }

  /** @param {import("../messages.js").ParameterState} parameter */
  chip({ name, text }) {
    const said = [element("span", "", name), ...(text ? [element("b", "", text)] : [])];
    const chip = button("", `${name} ${text}`.trim(), () => this.onShow(name), "chatwidget-chip");
    chip.dir = "auto";
    chip.append(...said);
    return chip;
  }
}
