// The pinned answer beside the newest one: both scroll as one.

import { button, disposeAll, element, fragment } from "../dom.js";
import { icon } from "./icons.js";

/** @typedef {import("../messages.js").ComparisonState} ComparisonState */

/** Two answers, side by side, in the place of the conversation. */
export class Comparison {
  /**
   * @param {import("./context.js").Context} context
   * @param {(isShown: boolean) => void} onShow called when it comes and goes
   */
  constructor({ store }, onShow) {
    this.onShow = onShow;
    this.summary = element("span", "chatwidget-summary");
    const close = button("", "Close the comparison (Esc)", () => this.close());
    close.append(icon("close"));
    const title = element("h3", "chatwidget-heading", "Pinned answer and newest answer");
    const head = element("div", "chatwidget-comparison-head", title, this.summary, close);
    this.columns = element("div", "chatwidget-compared");
    this.columns.tabIndex = 0; // it scrolls, and has nothing in it to put the focus on
    this.columns.setAttribute("role", "group");
    this.columns.setAttribute("aria-label", "Both answers");
    this.node = element("section", "chatwidget-comparison", head, this.columns);
    this.node.setAttribute("aria-label", "Pinned answer and newest answer");
    this.node.hidden = true;
    this.node.addEventListener("keydown", (event) => {
      if (event.key === "Escape") {
        event.preventDefault();
        this.close();
      }
    });
    this.store = store;
    const release = store.watch(["comparison"], ({ comparison }) => this.show(comparison));
    this.dispose = disposeAll([release]);
  }

  close() {
    this.store.send({ type: "Compare" });
  }

  /** @param {ComparisonState | null} comparison */
  show(comparison) {
    const wasHidden = this.node.hidden;
    this.node.hidden = !comparison;
    this.columns.replaceChildren();
    if (comparison) {
      const { titles, columns, summary } = comparison;
      this.summary.textContent = summary;
      // the titles first and then the answers: in two columns each title stands above its own
      this.columns.append(...titles.map((title) => element("h4", "chatwidget-column-title", title)));
      this.columns.append(...columns.map((html) => this.column(html)));
    }
    if (wasHidden === Boolean(comparison)) {
      this.onShow(Boolean(comparison));
    }
    if (wasHidden && comparison) {
      this.columns.focus({ preventScroll: true });
    }
  }

  /** @param {string} html */
  column(html) {
    const column = element("div", "chatwidget-answer jp-RenderedHTMLCommon", fragment(html));
    column.classList.add("mathjax_ignore", "tex2jax_ignore");
    column.dir = "auto";
    return column;
  }
}
