// A setting that is written as text: the system message, or the other fields of a request.

import { element } from "../dom.js";

/** A field that is read when it is left. */
export class TextSetting {
  /**
   * @param {string} label
   * @param {string} placeholder
   * @param {(text: string) => void} onChange
   */
  constructor(label, placeholder, onChange) {
    this.said = "";
    this.field = element("textarea", "chatwidget-text chatwidget-area");
    this.field.rows = 2;
    this.field.dir = "auto";
    this.field.placeholder = placeholder;
    this.field.setAttribute("aria-label", label);
    this.problem = element("p", "chatwidget-problem chatwidget-failed");
    this.problem.setAttribute("role", "status");
    this.field.addEventListener("change", () => onChange(this.field.value));
    this.node = element("div", "chatwidget-text-setting", this.field, this.problem);
  }

  /**
   * @param {string} text what holds; it does not take the place of what is being written
   * @param {string} problem
   */
  show(text, problem = "") {
    const isWritten = document.activeElement === this.field && this.field.value !== this.said;
    if (!isWritten && !problem) {
      this.field.value = text;
    }
    this.said = text;
    this.problem.textContent = problem;
    this.field.setAttribute("aria-invalid", String(problem !== ""));
  }
}
