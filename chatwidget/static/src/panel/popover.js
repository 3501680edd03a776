// A button and what it opens: Escape, a click elsewhere and the Tab key that leaves it close it.

import { element } from "../dom.js";
import { newId } from "./ids.js";

/** A button with a small window below it. */
export class Popover {
  /**
   * @param {HTMLButtonElement} opener
   * @param {string} label what the window is
   * @param {...Node} content
   */
  constructor(opener, label, ...content) {
    this.opener = opener;
    this.window = element("div", "chatwidget-popover", ...content);
    this.window.id = newId("popover");
    this.window.setAttribute("role", "dialog");
    this.window.setAttribute("aria-label", label);
    this.window.tabIndex = -1;
    this.window.hidden = true;
    opener.setAttribute("aria-haspopup", "dialog");
    opener.setAttribute("aria-expanded", "false");
    opener.setAttribute("aria-controls", this.window.id);
    opener.addEventListener("click", () => (this.isOpen ? this.close() : this.open()));
    this.node = element("div", "chatwidget-popover-place", opener, this.window);
    this.node.addEventListener("keydown", (event) => this.onKey(event));
    this.node.addEventListener("focusout", (event) => this.onFocusOut(event));
    /** @type {() => void} */
    this.onOpen = () => {};
    /** @param {Event} event */
    this.onPointer = (event) => {
      if (!event.composedPath().includes(this.node)) {
        this.hide();
      }
    };
  }

  get isOpen() {
    return !this.window.hidden;
  }

  open() {
    this.window.hidden = false;
    this.opener.setAttribute("aria-expanded", "true");
    document.addEventListener("pointerdown", this.onPointer, true);
    this.onOpen();
    const { window } = this;
    const first = window.querySelector("[data-first]") ?? window.querySelector("input, button");
    /** @type {HTMLElement} */ (first ?? window).focus();
  }

  /** Close it and go back to its button. */
  close() {
    this.hide();
    this.opener.focus();
  }

  hide() {
    this.window.hidden = true;
    this.opener.setAttribute("aria-expanded", "false");
    document.removeEventListener("pointerdown", this.onPointer, true);
  }

  /** @param {KeyboardEvent} event */
  onKey(event) {
    if (event.key === "Escape" && this.isOpen && !event.isComposing) {
      event.preventDefault();
      this.close();
    }
  }

  /** @param {FocusEvent} event */
  onFocusOut({ relatedTarget }) {
    // nothing at all has the focus when what had it was taken away, or another window is in front
    if (relatedTarget instanceof Node && !this.node.contains(relatedTarget)) {
      this.hide();
    }
  }

  dispose() {
    this.hide();
  }
}
