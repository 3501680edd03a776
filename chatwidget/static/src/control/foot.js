// The foot of a row: what the last cell was asked with, and what is to be said.

import { button, element } from "../dom.js";
import { ghostTitle } from "./ghost.js";

/** @type {Record<import("../panel/kernel_link.js").Link, string>} */
const LINKS = {
  there: "",
  away: "The kernel cannot be reached.",
  restarted: "The kernel restarted: run this cell again.",
  dead: "The kernel is gone: start it and run this cell again.",
};

/** The ghost of a parameter without a slider, the hint, the note, and the state of the link. */
export class Foot {
  /** @param {import("./context.js").Context} context */
  constructor(context) {
    /** @type {unknown} */
    this.kept = null;
    const keep = () => context.send({ type: "ControlSet", value: this.kept });
    this.ghost = button("", "", keep, "chatwidget-parameter-ghost");
    this.hint = element("p", "chatwidget-parameter-hint");
    this.note = element("p", "chatwidget-parameter-note");
    this.note.id = `${context.id}-note`;
    this.note.setAttribute("role", "status");
    this.link = element("p", "chatwidget-parameter-unlinked");
    this.link.setAttribute("role", "status");
    const parts = [this.ghost, this.hint, this.note];
    this.node = element("div", "chatwidget-parameter-foot", ...parts);
  }

  /** @param {import("../messages.js").ControlState} state */
  show(state) {
    this.showGhost(state);
    this.hint.textContent = state.hint;
    this.hint.hidden = !state.hint;
    this.say(state.problem || state.unsupported);
  }

  /**
   * A slider has the ghost on its track.
   *
   * @param {import("../messages.js").ControlState} state
   */
  showGhost({ ghost, input, parameter }) {
    this.kept = parameter.ghost;
    this.ghost.hidden = ghost === "" || input.kind === "slider";
    const title = ghostTitle(ghost);
    const shown = `${ghost} in the last cell`;
    this.ghost.replaceChildren(element("i", "chatwidget-parameter-diamond"), shown);
    this.ghost.title = title;
    this.ghost.setAttribute("aria-label", title);
  }

  /**
   * A sentence that stays is not said again.
   *
   * @param {string} sentence
   */
  say(sentence) {
    if (this.note.textContent !== sentence) {
      this.note.textContent = sentence;
    }
    this.note.hidden = !sentence;
  }

  /** @param {import("../panel/kernel_link.js").Link} link */
  showLink(link) {
    this.link.textContent = LINKS[link];
    this.link.hidden = link === "there";
  }
}
