// The settings beside the conversation, and in a narrow panel above it, as a drawer.

import { element } from "../dom.js";
import { icon } from "./icons.js";

const NARROW = 640; // px, as layout.css has it

/** Opens and closes the settings. */
export class Drawer {
  /**
   * @param {HTMLElement} root what may be narrow
   * @param {HTMLElement} settings
   * @param {HTMLElement} main what the drawer lies on
   */
  constructor(root, settings, main) {
    this.root = root;
    this.settings = settings;
    this.main = main;
    this.isNarrow = false;
    this.isOpen = true;
    this.opener = element("button", "chatwidget-opener chatwidget-toggle", icon("sliders"));
    this.opener.append(element("span", "", "Settings"));
    this.opener.type = "button";
    this.opener.title = "Show or hide the settings";
    this.opener.setAttribute("aria-controls", settings.id);
    this.opener.addEventListener("click", () => this.toggle());
    settings.tabIndex = -1;
    settings.addEventListener("keydown", (event) => this.onKey(event));
    this.resizing = new ResizeObserver(() => this.measure());
    this.resizing.observe(root);
    this.show();
  }

  /** A panel that becomes narrow hides its settings, one that becomes wide shows them. */
  measure() {
    const width = this.root.clientWidth;
    const isNarrow = width > 0 ? width < NARROW : this.isNarrow; // out of sight it has none
    if (isNarrow !== this.isNarrow) {
      this.isNarrow = isNarrow;
      this.isOpen = !isNarrow;
      this.show();
    }
  }

  toggle() {
    this.isOpen = !this.isOpen;
    this.show();
    if (this.isOpen && this.isNarrow) {
      this.settings.focus();
    }
  }

  /** Make room for what the person wants to see, where it lies on that. */
  yield() {
    if (this.isNarrow && this.isOpen) {
      this.toggle();
    }
  }

  show() {
    this.settings.hidden = !this.isOpen;
    this.main.inert = this.isOpen && this.isNarrow;
    this.root.classList.toggle("chatwidget-narrow", this.isNarrow);
    this.root.classList.toggle("chatwidget-with-settings", this.isOpen);
    this.opener.setAttribute("aria-expanded", String(this.isOpen));
  }

  /** @param {KeyboardEvent} event */
  onKey(event) {
    if (event.key === "Escape" && this.isNarrow && !event.isComposing) {
      event.preventDefault();
      this.toggle();
      this.opener.focus();
    }
  }

  dispose() {
    this.resizing.disconnect();
  }
}
