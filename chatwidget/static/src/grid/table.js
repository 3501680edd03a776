// The cells of a grid along their axes, or one after the other; one of them takes the focus.

import { element } from "../dom.js";
import { CellView } from "./cell.js";

/** @typedef {import("./model.js").GridModel} GridModel */

const ENOUGH = 8; // ms in which cells are drawn before the page may do something else,
const AT_ONCE = 6; // and how many: to lay them out takes the page longer than to draw them
const STEPS = new Map([
  ["ArrowLeft", [0, -1]],
  ["ArrowRight", [0, 1]],
  ["ArrowUp", [-1, 0]],
  ["ArrowDown", [1, 0]],
]);

/** The table of all cells. */
export class Table {
  /**
   * @param {GridModel} grid
   * @param {(number: number, isNoted?: boolean) => void} onOpen called with a cell that is to be
   *   opened, and whether a note is to be written on it
   */
  constructor(grid, onOpen) {
    this.grid = grid;
    this.onOpen = onOpen;
    this.node = element("div", "chatwidget-grid-table");
    this.node.setAttribute("role", "grid");
    this.node.addEventListener("click", (event) => this.#onClick(event));
    this.node.addEventListener("keydown", (event) => this.#onKey(event));
    this.node.addEventListener("focusin", ({ target }) => this.#onFocus(target));
    /** @type {CellView[]} */
    this.views = [];
    /** @type {number[][]} */
    this.lines = [];
    this.current = 0;
    /** @type {Set<number>} */
    this.stale = new Set();
    this.frame = 0;
  }

  /** Make the cells anew. */
  build() {
    const { head, cells } = this.grid;
    this.node.setAttribute("aria-label", head?.title ?? "");
    this.views = cells.map(
      (_, number) => new CellView(this.grid, number, () => this.changed(number)),
    );
    cells.forEach((_, number) => this.changed(number));
    this.arrange();
  }

  /** Put the cells where they stand. */
  arrange() {
    const { head, sort, having, order } = this.grid;
    if (!head) {
      return;
    }
    const hasFocus = this.node.contains(document.activeElement);
    const hasAxes = head.places.length > 0 && sort === "asked" && !having;
    this.node.classList.toggle("chatwidget-grid-axes", hasAxes);
    this.node.style.setProperty("--chatwidget-columns", String(head.columns.length));
    hasAxes ? this.#alongAxes(head) : this.#inOrder(order);
    this.#mark(this.lines.flat().includes(this.current) ? this.current : (this.lines[0]?.[0] ?? 0));
    hasFocus && this.focus();
  }

  /** @param {number} number of a cell that is to be drawn soon */
  changed(number) {
    this.stale.add(number);
    this.frame ||= requestAnimationFrame(() => this.#draw());
  }

  /** Draw what has changed, as much of it as the page has time for. */
  #draw() {
    const end = performance.now() + ENOUGH;
    this.frame = 0;
    const due = [...this.stale].filter((number) => !this.views[number]?.canWait);
    const now = due.splice(0, AT_ONCE);
    while (now.length && performance.now() < end) {
      const number = /** @type {number} */ (now.shift());
      this.stale.delete(number);
      this.views[number]?.draw();
    }
    if (now.length || due.length) {
      this.frame = requestAnimationFrame(() => this.#draw());
    }
  }

  /** @param {import("../messages.js").GridHead} head */
  #alongAxes({ columns, rows, places }) {
    this.lines = rows.map(() => []);
    places.forEach(([row, column], number) => {
      const line = this.lines[row] ?? [];
      line[column] = number;
    });
    const corner = element("div", "chatwidget-grid-heading chatwidget-grid-corner");
    corner.classList.add("chatwidget-grid-columnheader");
    corner.setAttribute("role", "columnheader");
    corner.setAttribute("aria-label", "Setting");
    const top = line(corner, ...columns.map((name) => heading(name, "columnheader")));
    const lines = this.lines.map((numbers, row) =>
      line(heading(rows[row] ?? "", "rowheader"), ...this.#nodes(numbers)),
    );
    this.node.replaceChildren(top, ...lines);
  }

  /** @param {number[]} order */
  #inOrder(order) {
    this.lines = order.map((number) => [number]);
    this.node.replaceChildren(...this.lines.map((numbers) => line(...this.#nodes(numbers))));
  }

  /** @param {number[]} numbers */
  #nodes(numbers) {
    return numbers.flatMap((number) => this.views[number]?.node ?? []);
  }

  /** Put the focus on the current cell. */
  focus() {
    this.views[this.current]?.node.focus({ preventScroll: true });
  }

  /** @param {number} number of the one cell that is reached by Tab */
  #mark(number) {
    const before = this.views[this.current];
    before && (before.node.tabIndex = -1);
    this.current = number;
    const view = this.views[number];
    view && (view.node.tabIndex = 0);
  }

  /** @param {EventTarget | null} target */
  #numberOf(target) {
    const node = target instanceof Element ? target.closest(".chatwidget-grid-cell") : null;
    return this.views.findIndex((view) => view.node === node);
  }

  /** @param {EventTarget | null} target */
  #onFocus(target) {
    const number = this.#numberOf(target);
    number >= 0 && this.#mark(number);
  }

  /** @param {MouseEvent} event */
  #onClick({ target }) {
    const number = this.#numberOf(target);
    if (number >= 0) {
      this.#mark(number);
      this.onOpen(number);
    }
  }

  /** @param {KeyboardEvent} event */
  #onKey(event) {
    const step = STEPS.get(event.key);
    if (event.key === "Enter" || event.key === " ") {
      event.preventDefault();
      this.onOpen(this.current);
    } else if (event.key === "+" || event.key === "-") {
      event.preventDefault();
      this.grid.judge(this.current, event.key === "+");
    } else if (event.key === "n" && !event.ctrlKey && !event.metaKey && !event.altKey) {
      event.preventDefault();
      this.onOpen(this.current, true);
    } else if (step && event.shiftKey) {
      event.preventDefault();
      this.grid.turn(this.current, (step[0] ?? 0) + (step[1] ?? 0));
    } else {
      const next = event.key === "Home" ? this.#edge(0) : event.key === "End" ? this.#edge(-1) : null;
      const to = next ?? (step ? this.#beside(step) : null);
      if (to !== null) {
        event.preventDefault();
        this.#mark(to);
        this.views[to]?.node.focus();
      }
    }
  }

  /** @param {number} place */
  #edge(place) {
    return this.lines.at(place)?.at(place) ?? null;
  }

  /**
   * The cell beside or below the current one; where cells follow each other, the next one.
   *
   * @param {number[]} step
   */
  #beside([down = 0, right = 0]) {
    const row = this.lines.findIndex((numbers) => numbers.includes(this.current));
    const column = this.lines[row]?.indexOf(this.current) ?? 0;
    if (this.lines.every((numbers) => numbers.length === 1)) {
      return this.lines[row + down + right]?.[0] ?? null;
    }
    return this.lines[row + down]?.[column + right] ?? null;
  }

  dispose() {
    cancelAnimationFrame(this.frame);
  }
}

/** @param {...Node} cells */
function line(...cells) {
  const node = element("div", "chatwidget-grid-row", ...cells);
  node.setAttribute("role", "row");
  return node;
}

/**
 * @param {string} text
 * @param {string} role
 */
function heading(text, role) {
  const node = element("div", `chatwidget-grid-heading chatwidget-grid-${role}`, text);
  node.setAttribute("role", role);
  return node;
}
