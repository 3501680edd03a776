// A sentence for the person, with a button that takes back what it tells of.

import { button, element } from "../dom.js";

/** A line that is there while there is something to say. */
export class Notice {
  /** @param {import("./context.js").Context} context */
  constructor({ store }) {
    this.store = store;
    this.sentence = element("span", "chatwidget-sentence");
    this.sentence.setAttribute("role", "status");
    this.undo = button("Undo", "Undo", () => store.send({ type: "Undo" }), "chatwidget-framed");
    this.node = element("div", "chatwidget-notice-line", this.sentence, this.undo);
    this.dispose = store.watch(["notice"], ({ notice }) => this.show(notice));
  }

  /** @param {import("../messages.js").NoticeState} notice */
  show({ sentence, undo }) {
    this.sentence.textContent = sentence;
    this.undo.hidden = !undo;
    this.node.classList.toggle("chatwidget-silent", !sentence && !undo);
  }
}
