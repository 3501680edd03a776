// A question that is edited: it is asked as another version.

import { button, element, isOneClick } from "../dom.js";
import { sends } from "./composer_rules.js";

/**
 * What an edit box leads to.
 *
 * @typedef {object} EditCalls
 * @property {() => boolean} enterSends
 * @property {(text: string) => Promise<string | null>} onSend returns why it was not taken
 * @property {() => void} onClose
 */

/** A field with the text of a question. */
export class EditBox {
  /**
   * @param {string} text
   * @param {EditCalls} calls
   */
  constructor(text, calls) {
    this.calls = calls;
    this.field = element("textarea", "chatwidget-text chatwidget-edit");
    this.field.value = text;
    this.field.rows = Math.min(12, text.split("\n").length + 1);
    this.field.dir = "auto";
    this.field.setAttribute("aria-label", "Edit the question");
    this.field.addEventListener("keydown", (event) => this.onKey(event));
    const send = button("Send", "Send this as another version", (event) => {
      if (isOneClick(event)) {
        this.send();
      }
    });
    send.classList.add("chatwidget-primary");
    const cancel = button("Cancel", "Cancel (Esc)", () => calls.onClose());
    this.problem = element("span", "chatwidget-problem chatwidget-failed");
    this.problem.setAttribute("role", "status");
    const bar = element("div", "chatwidget-line", this.problem, cancel, send);
    this.node = element("div", "chatwidget-edit-box", this.field, bar);
  }

  /** @param {KeyboardEvent} event */
  onKey(event) {
    if (event.key === "Escape" && !event.isComposing) {
      event.preventDefault();
      event.stopPropagation();
      this.calls.onClose();
    } else if (sends(event, this.calls.enterSends())) {
      event.preventDefault();
      this.send();
    }
  }

  /** It closes when the kernel has the text, and not before. */
  async send() {
    const text = this.field.value;
    if (!text.trim() || this.field.readOnly) {
      return;
    }
    this.field.readOnly = true;
    this.problem.textContent = "";
    const problem = await this.calls.onSend(text);
    this.field.readOnly = false;
    if (problem === "") {
      this.calls.onClose();
    } else {
      this.problem.textContent = problem ?? "";
    }
  }
}
