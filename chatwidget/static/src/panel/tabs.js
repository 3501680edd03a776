// Tabs: one of several pages is seen. Arrow keys go from one to the next.

import { element } from "../dom.js";
import { newId } from "./ids.js";

/**
 * A page behind a tab.
 *
 * @typedef {object} Page
 * @property {string} name what stands on the tab
 * @property {HTMLElement} node
 * @property {(isShown: boolean) => void} [onShow] called when it comes and goes
 */

const STEPS = new Map([
  ["ArrowRight", 1],
  ["ArrowLeft", -1],
]);

/** The row of tabs, and the pages, which lie on one another: what is not seen keeps its place. */
export class Tabs {
  /**
   * @param {Page[]} pages the first one is seen at first
   * @param {() => void} onPick called when a person chooses one
   */
  constructor(pages, onPick = () => {}) {
    this.pages = pages;
    this.onPick = onPick;
    this.node = element("div", "chatwidget-tabs");
    this.node.setAttribute("role", "tablist");
    this.node.setAttribute("aria-label", "Views");
    this.tabs = pages.map((page, place) => this.tab(page, place));
    this.node.append(...this.tabs);
    this.shown = -1;
    this.show(0);
  }

  /**
   * @param {Page} page
   * @param {number} place
   */
  tab({ name, node }, place) {
    const tab = element("button", "chatwidget-tab", name);
    const identifier = newId("tab");
    tab.type = "button";
    tab.id = identifier;
    tab.setAttribute("role", "tab");
    tab.setAttribute("aria-controls", `${identifier}-page`);
    tab.addEventListener("click", () => {
      this.show(place);
      this.onPick();
    });
    tab.addEventListener("keydown", (event) => this.onKey(event, place));
    node.id = `${identifier}-page`;
    node.classList.add("chatwidget-page");
    node.setAttribute("role", "tabpanel");
    node.setAttribute("aria-labelledby", identifier);
    return tab;
  }

  /** @param {number} place */
  show(place) {
    if (place === this.shown) {
      return;
    }
    this.pages[this.shown]?.onShow?.(false);
    this.shown = place;
    this.pages.forEach(({ node }, each) => node.toggleAttribute("data-behind", each !== place));
    this.tabs.forEach((tab, each) => {
      tab.setAttribute("aria-selected", String(each === place));
      tab.tabIndex = each === place ? 0 : -1;
    });
    this.pages[place]?.onShow?.(true);
  }

  /**
   * @param {KeyboardEvent} event
   * @param {number} place
   */
  onKey(event, place) {
    const last = this.tabs.length - 1;
    const step = STEPS.get(event.key);
    const isRtl = getComputedStyle(this.node).direction === "rtl";
    const to = event.key === "Home" ? 0 : event.key === "End" ? last : null;
    const next = step === undefined ? to : (place + (isRtl ? -step : step) + last + 1) % (last + 1);
    if (next !== null) {
      event.preventDefault();
      this.show(next);
      this.tabs[next]?.focus();
    }
  }
}
