// A slider, which is a widget of ipywidgets, with marks along its track and a box for exact numbers.

import { element } from "../dom.js";
import { mountWidget } from "../host.js";
import { Marks } from "./marks.js";
import { NumberBox } from "./number.js";

/** The input of a number that has a range. */
export class SliderInput {
  /**
   * @param {import("./context.js").Context} context
   * @param {import("../front-end.js").Model<
   *   import("../messages.js").ControlTraits, import("../messages.js").ControlAction
   * >} model
   */
  constructor(context, model) {
    this.context = context;
    this.box = new NumberBox(context);
    this.marks = new Marks(context);
    this.place = element("div", "chatwidget-parameter-slider");
    this.said = element("span", "chatwidget-parameter-said");
    this.said.id = `${context.id}-said`;
    this.beside = element("span", "chatwidget-parameter-beside", this.box.node);
    const track = element("div", "chatwidget-parameter-track", this.place, this.marks.node);
    this.below = element("div", "chatwidget-parameter-below", track, this.said);
    this.leaving = new AbortController();
    this.mounted = this.mount(model, model.get("slider") ?? "");
  }

  /**
   * @param {import("../front-end.js").Host} host
   * @param {string} reference
   * @returns {Promise<import("../front-end.js").Dispose>}
   */
  async mount(host, reference) {
    try {
      const remove = await mountWidget(host, reference, this.place, this.leaving.signal);
      this.name();
      return remove;
    } catch (error) {
      console.warn(`chatwidget: the slider of ${this.context.name} cannot be shown.`, error);
      return () => {};
    }
  }

  /** Name the handle, which ipywidgets leaves without a name. */
  name() {
    const handle = this.place.querySelector("[role=slider]");
    handle?.setAttribute("aria-label", this.context.name);
    handle?.setAttribute("aria-describedby", this.said.id);
  }

  /** @param {import("../messages.js").ControlState} state */
  show(state) {
    const { parameter, default: holds } = state;
    this.said.textContent =
      parameter.value === null ? `not sent${holds ? `; the default is ${holds}` : ""}` : "sent";
    this.box.show(state);
    this.marks.show(state);
  }

  focus() {
    this.box.node.focus();
  }

  async dispose() {
    this.leaving.abort();
    (await this.mounted)();
  }
}
