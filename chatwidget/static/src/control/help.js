// What a parameter does: a sentence, its range, and the handbook's page, loaded when asked for.

import { button, element, fragment } from "../dom.js";

const LINK = "chatwidget-parameter-link-button";

/** The help of a row, out of sight at first. */
export class Help {
  /** @param {import("./context.js").Context} context */
  constructor(context) {
    this.context = context;
    const what = `What ${context.name} does`;
    this.toggle = button("?", what, () => this.open(), "chatwidget-parameter-icon");
    this.sentence = element("p", "");
    this.range = element("p", "");
    this.more = button("", "", () => this.read(), LINK);
    this.page = element("div", "chatwidget-answer chatwidget-parameter-page jp-RenderedHTMLCommon");
    this.page.id = `${context.id}-page`;
    this.page.hidden = true;
    this.page.classList.add("mathjax_ignore", "tex2jax_ignore");
    const parts = [this.sentence, this.range, this.more, this.page];
    this.node = element("div", "chatwidget-parameter-help", ...parts);
    this.node.id = `${context.id}-help`;
    this.node.hidden = true;
    this.toggle.setAttribute("aria-controls", this.node.id);
    this.more.setAttribute("aria-controls", this.page.id);
    this.say();
  }

  /** @param {import("../messages.js").ControlState} state */
  show({ parameter, range, handbook }) {
    this.sentence.textContent = parameter.help;
    this.range.textContent = range;
    this.more.textContent = `Handbook: ${handbook}`;
    this.more.removeAttribute("aria-label");
  }

  open() {
    this.node.hidden = !this.node.hidden;
    this.say();
  }

  /** Show the page or hide it; it is asked for once. */
  read() {
    this.page.hidden = !this.page.hidden;
    if (!this.page.hidden && !this.page.firstChild) {
      this.page.setAttribute("aria-busy", "true");
      this.context.send({ type: "ControlHelp" });
    }
    this.say();
  }

  /** @param {import("../messages.js").ControlHandbook} message */
  take(message) {
    if (message.type === "ControlHandbook" && !this.page.hidden && !this.page.firstChild) {
      this.page.append(fragment(message.html));
      this.page.removeAttribute("aria-busy");
    }
  }

  say() {
    this.toggle.setAttribute("aria-expanded", String(!this.node.hidden));
    this.more.setAttribute("aria-expanded", String(!this.page.hidden));
  }
}
