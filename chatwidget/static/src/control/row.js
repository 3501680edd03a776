// The row of a parameter: its name and whether it is sent, its input, what is to be said about it.

import { disposeAll, element, listen } from "../dom.js";
import { keepKeys } from "../host.js";
import { KernelLink } from "../panel/kernel_link.js";
import { Foot } from "./foot.js";
import { Head } from "./head.js";
import { Help } from "./help.js";
import { makeInput } from "./inputs.js";

/** @typedef {import("../messages.js").ControlAction} ControlAction */
/** @typedef {import("../messages.js").ControlState} ControlState */
/** @typedef {import("../messages.js").ControlTraits} ControlTraits */
/** @typedef {import("../front-end.js").Model<ControlTraits, ControlAction>} Model */

/** One view of a control. */
export class Row {
  /** @param {Model} model */
  constructor(model) {
    const { parameter, input } = model.get("state");
    this.model = model;
    this.name = parameter.name;
    this.id = `chatwidget-parameter-${crypto.getRandomValues(new Uint32Array(1))[0]}`;
    this.input = makeInput(this, model, input);
    this.help = new Help(this);
    this.head = new Head(this, this.input, this.help.toggle);
    this.foot = new Foot(this);
    const below = this.input.below ? [this.input.below] : [];
    const parts = [this.head.node, ...below, this.foot.node, this.help.node];
    this.content = element("div", "chatwidget-parameter-content", ...parts);
    this.node = element("div", "chatwidget-parameter", this.content, this.foot.link);
    this.node.setAttribute("role", "group");
    this.node.setAttribute("aria-label", this.name);
    this.node.dataset.parameter = this.name;
    this.node.dataset.kind = input.kind;
    const link = new KernelLink(model, (now) => this.showLink(now));
    this.dispose = disposeAll([
      link.dispose,
      keepKeys(this.node),
      () => this.input.dispose?.(),
      listen(model, "change:state", () => this.show()),
      listen(model, "msg:custom", (message) => this.help.take(message)),
    ]);
    this.show();
    this.showLink(link.link);
  }

  /** @param {ControlAction} action */
  send(action) {
    this.model.send(action);
  }

  show() {
    const state = this.model.get("state");
    this.node.dataset.status = state.parameter.status;
    this.node.dataset.sent = String(state.parameter.value !== null);
    this.node.classList.toggle("chatwidget-parameter-wrong", state.problem !== "");
    for (const part of [this.head, this.input, this.foot, this.help]) {
      part.show(state);
    }
  }

  /**
   * Say why what was written cannot even be told to the kernel.
   *
   * @param {string} problem
   */
  complain(problem) {
    this.node.classList.add("chatwidget-parameter-wrong");
    this.foot.say(problem);
  }

  /** @param {import("../panel/kernel_link.js").Link} link */
  showLink(link) {
    this.content.inert = link !== "there";
    this.foot.showLink(link);
  }
}
