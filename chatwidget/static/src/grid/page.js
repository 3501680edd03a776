// All of a grid: what is said of the study, how cells are sorted, the cells, and the opened one.

import { button, element } from "../dom.js";
import { Detail } from "./detail.js";
import { Table } from "./table.js";

/** @typedef {import("./model.js").Change} Change */
/** @typedef {import("./model.js").GridModel} GridModel */
/** @typedef {import("../messages.js").SortName} SortName */

/** @type {[SortName, string][]} */
const SORTS = [
  ["asked", "as asked"],
  ["same", "most agreement"],
  ["different", "most different answers"],
  ["score", "best score"],
];
const DEBOUNCE = 200; // ms
const STORED = "run this cell again; what was answered is stored.";
/** @type {Record<import("../panel/kernel_link.js").Link, string>} */
const SENTENCES = {
  there: "",
  away: "The kernel cannot be reached.",
  restarted: `The kernel restarted: ${STORED}`,
  dead: `The kernel is gone: start it and ${STORED}`,
};

/** What a grid looks like in the page. */
export class GridPage {
  /**
   * @param {GridModel} grid
   * @param {HTMLElement} root
   */
  constructor(grid, root) {
    this.grid = grid;
    this.title = element("strong", "chatwidget-grid-title");
    this.bar = element("progress", "");
    this.bar.setAttribute("aria-label", "Answered");
    this.progress = element("span", "chatwidget-grid-said");
    this.stop = button("Stop", "Stop the study and keep what is there", () => this.#stop());
    this.stop.className = "chatwidget-stop";
    const status = element("div", "chatwidget-grid-bar", this.title, this.bar, this.progress);
    status.append(this.stop);
    this.options = SORTS.map(([value, label]) => {
      const option = element("option", "", label);
      option.value = value;
      return option;
    });
    this.sort = this.#sorts();
    this.filter = this.#filter();
    const tools = element("div", "chatwidget-grid-bar", labelled("Sort", this.sort));
    tools.append(labelled("Show", this.filter));
    this.said = element("span", "chatwidget-grid-said");
    this.said.setAttribute("role", "status");
    tools.append(this.said);
    this.detail = new Detail(grid, () => this.#close());
    this.table = new Table(grid, (number, isNoted) => {
      this.detail.open(number);
      isNoted && this.detail.write();
    });
    root.append(status, tools, this.table.node, this.detail.node);
    grid.onChange = (change) => this.#onChange(change);
  }

  /** @param {boolean} isRunning */
  setRunning(isRunning) {
    this.stop.hidden = !isRunning;
    this.bar.hidden = !isRunning;
    this.table.node.setAttribute("aria-busy", String(isRunning));
  }

  /**
   * Say what has become of the kernel; without it there is nothing to do but to look.
   *
   * @param {import("../panel/kernel_link.js").Link} link
   */
  setLink(link) {
    const isLost = link === "restarted" || link === "dead";
    this.said.textContent = SENTENCES[link];
    this.sort.disabled = isLost;
    this.filter.disabled = isLost;
    this.stop.disabled ||= isLost;
    this.grid.isLost = isLost;
    this.detail.changed();
  }

  #sorts() {
    const select = element("select", "", ...this.options);
    select.addEventListener("change", () => this.#arrange());
    return select;
  }

  #filter() {
    const input = element("input", "");
    input.type = "search";
    input.placeholder = "all cells";
    input.addEventListener("input", () => {
      clearTimeout(this.timer);
      this.timer = setTimeout(() => this.#arrange(), DEBOUNCE);
    });
    return input;
  }

  #arrange() {
    const sort = SORTS.find(([name]) => name === this.sort.value)?.[0] ?? "asked";
    this.grid.arrange(sort, this.filter.value.trim());
  }

  #stop() {
    this.stop.disabled = true;
    this.grid.send({ type: "stop" });
  }

  #close() {
    this.detail.close();
    this.table.focus();
  }

  /** @param {Change} change */
  #onChange(change) {
    const { grid } = this;
    if (typeof change === "number") {
      this.table.changed(change);
      change === this.detail.cell && this.detail.changed();
    } else if (change === "head") {
      this.#build();
    } else if (change === "order") {
      this.table.arrange();
      grid.cells.forEach((_, number) => this.table.changed(number));
      this.detail.changed();
    } else if (change === "progress") {
      this.progress.textContent = grid.progress;
      this.bar.value = grid.share;
    } else if (change === "opened") {
      grid.opened && this.detail.show(grid.opened);
    } else {
      this.said.textContent = grid.sentence;
    }
  }

  #build() {
    const { head, sort, having } = this.grid;
    this.title.textContent = head?.title ?? "";
    this.filter.value = having;
    for (const option of this.options) {
      option.selected = option.value === sort;
      option.hidden = option.value === "score" && !head?.scored;
    }
    this.table.build();
  }

  dispose() {
    clearTimeout(this.timer);
    this.detail.close();
    this.table.dispose();
  }
}

/**
 * @param {string} text
 * @param {HTMLElement} field
 */
function labelled(text, field) {
  return element("label", "chatwidget-grid-field", text, field);
}
