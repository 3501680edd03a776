// An answer of a grid that is opened: whole, beside the pinned one, and what can be done with it.

import { button, element, fragment } from "../dom.js";
import { icon } from "../panel/icons.js";
import { Note } from "./note.js";

/** @typedef {import("./model.js").GridModel} GridModel */
/** @typedef {import("../messages.js").GridOpened} GridOpened */

/** The opened answer. */
export class Detail {
  /**
   * @param {GridModel} grid
   * @param {() => void} onClose
   */
  constructor(grid, onClose) {
    this.grid = grid;
    this.onClose = onClose;
    /** @type {number | null} */
    this.cell = null;
    this.label = element("strong", "chatwidget-grid-title");
    this.place = element("span", "chatwidget-grid-place");
    this.before = this.#button("‹", "The answer before", () => this.turn(-1));
    this.after = this.#button("›", "Another answer", () => this.turn(1));
    this.steps = element("span", "chatwidget-grid-arrows", this.before, this.place, this.after);
    const close = this.#button("Close", "Close this answer (Esc)", onClose);
    this.head = element("div", "chatwidget-grid-bar", this.label, this.steps, close);
    this.body = element("div", "chatwidget-grid-answers");
    this.body.tabIndex = 0;
    this.body.setAttribute("role", "group");
    this.body.setAttribute("aria-label", "The answer");
    this.facts = element("span", "chatwidget-grid-said");
    this.pin = this.#button("Pin", "Pin this answer, to see how the others differ", () =>
      this.#pin(),
    );
    this.use = this.#button("Use this setting", "Use this setting from now on", () =>
      this.#send("use"),
    );
    this.more = this.#button("Sample here", "Sample here: ask this a few times more", () =>
      this.#send("sample"),
    );
    this.up = this.#thumb("thumbUp", "Thumb up (+)", true);
    this.down = this.#thumb("thumbDown", "Thumb down (-)", false);
    this.note = new Note((cell, kind, note) => grid.send({ type: "note", cell, kind, note }));
    this.actions = element("div", "chatwidget-grid-bar", this.up, this.down, this.pin, this.use);
    this.actions.append(this.more, this.facts);
    this.node = element("section", "chatwidget-grid-detail", this.head, this.body, this.actions);
    this.node.append(this.note.node);
    this.node.hidden = true;
    /** @type {Record<string, (() => void) | undefined>} */
    this.keys = {
      ArrowLeft: () => this.turn(-1),
      ArrowRight: () => this.turn(1),
      "+": () => this.#judge(true),
      "-": () => this.#judge(false),
      n: () => this.write(),
    };
    this.node.addEventListener("keydown", (event) => this.#onKey(event));
  }

  /**
   * @param {string} label
   * @param {string} title
   * @param {() => void} onClick
   */
  #button(label, title, onClick) {
    return button(label, title, onClick, "chatwidget-stop");
  }

  /**
   * @param {"thumbUp" | "thumbDown"} shape
   * @param {string} title
   * @param {boolean} thumb
   */
  #thumb(shape, title, thumb) {
    const node = this.#button("", title, () => this.#judge(thumb));
    node.classList.add("chatwidget-grid-thumb");
    node.append(icon(shape));
    return node;
  }

  /** @param {boolean} thumb */
  #judge(thumb) {
    this.cell !== null && this.grid.judge(this.cell, thumb);
  }

  /** @param {number} cell */
  open(cell) {
    const { head, cells } = this.grid;
    this.note.close();
    this.cell = cell;
    this.label.textContent = head?.labels[cell] || "Answers";
    this.node.setAttribute("aria-label", `Answer: ${this.label.textContent}`);
    this.facts.textContent = "";
    const text = cells[cell]?.shown?.pieces.map(([piece]) => piece).join("") ?? "No answer yet.";
    this.body.replaceChildren(element("p", "", text)); // until the kernel has sent all of it
    this.node.hidden = false;
    this.#ask();
    this.body.focus({ preventScroll: true });
    this.node.scrollIntoView?.({ block: "nearest" });
  }

  /** @param {number} step */
  turn(step) {
    if (this.cell !== null) {
      this.note.close();
      this.grid.turn(this.cell, step);
      this.#ask();
    }
  }

  /** Let a person write a note. */
  write() {
    this.grid.acts && this.note.focus();
  }

  /** Draw what surrounds the answer; its cell has changed. */
  changed() {
    const cell = this.cell === null ? undefined : this.grid.cells[this.cell];
    const { acts, head, isLost } = this.grid;
    this.pin.hidden = isLost;
    this.use.hidden = isLost || !head?.uses;
    for (const node of [this.more, this.up, this.down, this.note.node]) {
      node.hidden = !acts;
    }
    if (cell) {
      this.steps.hidden = cell.order.length < 2;
      this.place.textContent = `${cell.order.indexOf(cell.kind ?? -1) + 1} of ${cell.order.length}`;
      const isPinned = this.grid.pinned === this.cell;
      this.pin.textContent = isPinned ? "Unpin" : "Pin";
      const { thumb = null, partly = false } = cell.shown ?? {};
      for (const [node, itsThumb] of /** @type {const} */ ([[this.up, true], [this.down, false]])) {
        node.setAttribute("aria-pressed", thumb !== itsThumb ? "false" : partly ? "mixed" : "true");
        node.disabled = !cell.shown;
      }
    }
  }

  /** @param {GridOpened} answer */
  show(answer) {
    if (answer.cell !== this.cell || answer.kind !== this.grid.cells[answer.cell]?.kind) {
      return; // a person has turned to another one meanwhile
    }
    const { pinned, pinned_label, html } = answer;
    const other = pinned ? [column(pinned, `Pinned: ${pinned_label}`)] : [];
    this.body.replaceChildren(...other, column(html, pinned ? "This answer" : ""));
    this.body.classList.toggle("chatwidget-grid-two", pinned !== "");
    this.facts.textContent = answer.facts;
    this.note.show(answer.cell, answer.kind, answer.note);
    this.changed();
  }

  close() {
    this.note.close();
    this.cell = null;
    this.node.hidden = true;
  }

  #ask() {
    const { cell } = this;
    const kind = cell === null ? null : this.grid.cells[cell]?.kind;
    if (cell !== null && kind !== null && kind !== undefined) {
      this.grid.send({ type: "open", cell, kind });
    }
    this.changed();
  }

  #pin() {
    const { cell, grid } = this;
    const isPinned = grid.pinned === cell;
    const kind = cell === null ? 0 : (grid.cells[cell]?.kind ?? 0);
    grid.send(isPinned ? { type: "pin", cell: null } : { type: "pin", cell, kind });
    this.#ask();
  }

  /** @param {"use" | "sample"} type */
  #send(type) {
    this.cell !== null && this.grid.send({ type, cell: this.cell });
  }

  /** @param {KeyboardEvent} event */
  #onKey(event) {
    const act = event.target === this.note.field ? null : this.keys[event.key];
    if (event.key === "Escape") {
      event.preventDefault();
      this.onClose();
    } else if (act && !event.ctrlKey && !event.metaKey && !event.altKey) {
      event.preventDefault();
      act();
    }
  }
}

/**
 * @param {string} html
 * @param {string} title
 */
function column(html, title) {
  const heads = title ? [element("div", "chatwidget-choice", title)] : [];
  const node = element("div", "chatwidget-grid-answer", ...heads, fragment(html));
  node.dir = "auto";
  return node;
}
