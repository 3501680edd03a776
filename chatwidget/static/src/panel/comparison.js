// The pinned answer beside the newest one: both scroll as one.

import { button, disposeAll, element, fragment } from "../dom.js";
import { icon } from "./icons.js";

/** @typedef {import("../messages.js").ComparisonState} ComparisonState */

const WRITES = "Another answer is being written …";

/** Two answers, side by side, in the place of the conversation. */
export class Comparison {
  /**
   * @param {import("./context.js").Context} context
   * @param {(isShown: boolean, hadFocus: boolean) => void} onShow called when it comes and goes,
   *   with whether the focus was in it
   */
  constructor({ store, root }, onShow) {
    this.root = root;
    this.onShow = onShow;
    this.summary = element("span", "chatwidget-summary");
    const close = button("", "Close the comparison (Esc)", () => this.close());
    close.append(icon("close"));
    const title = element("h3", "chatwidget-heading", "Pinned answer and newest answer");
    const said = element("div", "chatwidget-comparison-said", title, this.summary);
    const head = element("div", "chatwidget-comparison-head", said, close);
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
    this.dispose = disposeAll([
      store.watch(["comparison"], ({ comparison }) => this.show(comparison)),
      store.watch(["comparison", "running"], ({ comparison, running }) => {
        this.summary.textContent = running ? WRITES : (comparison?.summary ?? "");
      }),
    ]);
  }

  /** Make room for a question that was asked. */
  yield() {
    if (!this.node.hidden) {
      this.close();
    }
  }

  close() {
    this.store.send({ type: "Compare" });
  }

  /** @param {ComparisonState | null} comparison */
  show(comparison) {
    const wasShown = !this.node.hidden;
    const isShown = comparison !== null;
    const focused = document.activeElement;
    const { scrollTop } = this.columns;
    this.node.hidden = !isShown;
    this.columns.replaceChildren(...(comparison ? this.cells(comparison) : []));
    if (isShown && wasShown) {
      this.columns.scrollTop = scrollTop;
    } else if (isShown || wasShown) {
      this.onShow(isShown, this.node.contains(focused));
    }
    if (isShown && !wasShown && this.root.contains(focused)) {
      this.columns.focus({ preventScroll: true }); // what was pressed lies behind it now
    }
  }

  /**
   * The titles first and then the answers: in two columns each title stands above its own.
   *
   * @param {ComparisonState} comparison
   */
  cells({ titles, columns }) {
    const heads = titles.map((title) => element("h4", "chatwidget-column-title", title));
    return [...heads, ...columns.map((html) => this.column(html))];
  }

  /** @param {string} html */
  column(html) {
    const column = element("div", "chatwidget-answer jp-RenderedHTMLCommon", fragment(html));
    column.classList.add("mathjax_ignore", "tex2jax_ignore");
    column.dir = "auto";
    return column;
  }
}
