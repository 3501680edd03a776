// A field with a list below it: what is typed is looked for, and one of what is found is chosen.

import { element } from "../dom.js";
import { find } from "./find.js";
import { newId } from "./ids.js";

/** @typedef {import("./find.js").Item} Item */

/**
 * A combobox with its listbox.
 *
 * @typedef {object} Options
 * @property {string} label what is chosen here
 * @property {string} placeholder
 * @property {string} nothing what is said when nothing was found
 * @property {(value: string) => void} onPick
 * @property {boolean} [takesAny] whether what is typed may be chosen, too
 * @property {boolean} [staysShut] whether the list is seen only while something is typed
 */
export class Picklist {
  /** @param {Options} options */
  constructor(options) {
    this.options = options;
    /** @type {Item[]} */
    this.items = [];
    this.current = "";
    this.active = -1;
    const name = newId("list");
    this.field = element("input", "chatwidget-text");
    this.field.type = "text";
    this.field.placeholder = options.placeholder;
    this.field.autocomplete = "off";
    this.field.spellcheck = false;
    this.field.setAttribute("role", "combobox");
    this.field.setAttribute("aria-label", options.label);
    this.field.setAttribute("aria-autocomplete", "list");
    this.field.setAttribute("aria-controls", name);
    this.list = element("ul", "chatwidget-list");
    this.list.id = name;
    this.list.setAttribute("role", "listbox");
    this.list.setAttribute("aria-label", options.label);
    this.none = element("p", "chatwidget-none", options.nothing);
    this.field.addEventListener("input", () => this.show());
    this.field.addEventListener("keydown", (event) => this.onKey(event));
    this.list.addEventListener("pointerdown", (event) => event.preventDefault()); // keeps the focus
    this.list.addEventListener("click", (event) => this.onClick(event));
    this.show();
  }

  /**
   * @param {Item[]} items
   * @param {string} current the value that is chosen by now
   */
  setItems(items, current = "") {
    this.items = items;
    this.current = current;
    this.show();
  }

  clear() {
    this.field.value = "";
    this.show();
  }

  /** What is offered now. */
  offers() {
    const typed = this.field.value.trim();
    const found = find(typed, this.items);
    const isNew = this.options.takesAny && typed && !found.some(({ value }) => value === typed);
    return isNew ? [...found, { value: typed, mark: "as typed" }] : found;
  }

  show() {
    const isSeen = !this.options.staysShut || this.field.value.trim() !== "";
    const offers = isSeen ? this.offers() : [];
    this.active = offers.length && this.field.value.trim() ? 0 : -1;
    this.list.replaceChildren(...offers.map((item, place) => this.option(item, place)));
    this.list.hidden = !offers.length;
    this.none.hidden = !isSeen || offers.length > 0;
    this.field.setAttribute("aria-expanded", String(offers.length > 0));
    this.point();
  }

  /**
   * @param {Item} item
   * @param {number} place
   */
  option({ value, detail, mark }, place) {
    const node = element("li", "chatwidget-offer", element("span", "chatwidget-offer-name", value));
    node.id = `${this.list.id}-${place}`;
    node.dataset.value = value;
    node.dir = "auto";
    node.setAttribute("role", "option");
    node.setAttribute("aria-selected", String(value === this.current));
    if (mark) {
      node.append(element("span", "chatwidget-offer-mark", mark));
    }
    if (detail) {
      node.append(element("span", "chatwidget-offer-detail", detail));
    }
    return node;
  }

  /** Show which one Enter takes. */
  point() {
    [...this.list.children].forEach((node, place) => {
      node.classList.toggle("chatwidget-active", place === this.active);
    });
    const active = this.list.children[this.active];
    if (active) {
      this.field.setAttribute("aria-activedescendant", active.id);
      active.scrollIntoView?.({ block: "nearest" });
    } else {
      this.field.removeAttribute("aria-activedescendant");
    }
  }

  /** @param {KeyboardEvent} event */
  onKey(event) {
    const steps = { ArrowDown: 1, ArrowUp: -1 };
    const { length } = this.list.children;
    if (event.isComposing) {
      return;
    }
    if (event.key === "Enter") {
      event.preventDefault();
      this.pick(this.list.children[this.active]);
    } else if (event.key === "Escape" && this.field.value) {
      event.stopPropagation(); // the first one only empties the field
      this.clear();
    } else if ((event.key === "ArrowDown" || event.key === "ArrowUp") && length) {
      event.preventDefault();
      const start = this.active < 0 && event.key === "ArrowUp" ? 0 : this.active;
      this.active = (start + steps[event.key] + length) % length;
      this.point();
    }
  }

  /** @param {Event} event */
  onClick({ target }) {
    this.pick(target instanceof Element ? target.closest("li") : null);
  }

  /** @param {Element | null | undefined} option */
  pick(option) {
    if (option instanceof HTMLElement) {
      const value = option.dataset.value ?? "";
      this.clear();
      this.options.onPick(value);
    }
  }
}
