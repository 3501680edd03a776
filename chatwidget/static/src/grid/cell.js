// A cell of a grid: the answer that is seen in it, how far its answers agree, and arrows.

import { button, element } from "../dom.js";
import { icon } from "../panel/icons.js";

/** @typedef {import("./model.js").GridModel} GridModel */

/** The node of one cell. */
export class CellView {
  /**
   * @param {GridModel} grid
   * @param {number} number
   * @param {() => void} onSeen called when the cell comes into sight
   */
  constructor(grid, number, onSeen) {
    this.grid = grid;
    this.number = number;
    this.setting = element("span", "chatwidget-grid-setting");
    this.marks = element("span", "");
    this.label = element("div", "chatwidget-grid-label", this.setting, this.marks);
    this.text = element("div", "chatwidget-grid-text");
    this.text.dir = "auto";
    this.frame = element("div", "chatwidget-grid-frame", this.text);
    this.said = element("span", "chatwidget-grid-said");
    this.unseen = element("span", "chatwidget-grid-unseen");
    this.place = element("span", "chatwidget-grid-place");
    this.arrows = element("span", "chatwidget-grid-arrows");
    this.arrows.append(this.#arrow("‹", "The answer before", -1), this.place);
    this.arrows.append(this.#arrow("›", "Another answer", 1));
    this.judged = element("span", "chatwidget-grid-judged");
    this.foot = element("div", "chatwidget-grid-foot", this.said, this.arrows, this.judged);
    this.foot.append(this.unseen);
    this.node = element("div", "chatwidget-grid-cell", this.label, this.frame, this.foot);
    this.node.setAttribute("role", "gridcell");
    this.node.setAttribute("aria-label", grid.head?.labels[number] ?? "");
    this.node.tabIndex = -1;
    this.isOutOfSight = false;
    this.node.addEventListener("contentvisibilityautostatechange", (event) => {
      this.isOutOfSight = /** @type {any} */ (event).skipped;
      this.isOutOfSight || onSeen();
    });
  }

  /**
   * @param {string} label
   * @param {string} title
   * @param {number} step
   */
  #arrow(label, title, step) {
    const onClick = (/** @type {MouseEvent} */ event) => {
      event.stopPropagation(); // the cell would open
      this.grid.turn(this.number, step);
    };
    const arrow = button(label, title, onClick, "chatwidget-grid-arrow");
    arrow.tabIndex = -1; // Shift and an arrow do the same
    return arrow;
  }

  /** Whether nobody misses what is being written: it is out of sight, and goes on. */
  get canWait() {
    return this.isOutOfSight && (this.grid.cells[this.number]?.isWriting ?? false);
  }

  /** Show the state of the cell. */
  draw() {
    const cell = this.grid.cells[this.number];
    const label = this.grid.head?.labels[this.number] ?? "";
    if (!cell) {
      return;
    }
    const isPinned = this.grid.pinned === this.number;
    const { isWriting, shown: kind } = cell;
    // the dot goes with the setting, which is hidden below a heading that says it
    this.setting.textContent = isPinned && label ? `${label} · ` : label;
    this.marks.textContent = isPinned ? "pinned" : "";
    this.label.classList.toggle("chatwidget-grid-bare", !this.marks.textContent);
    this.node.classList.toggle("chatwidget-grid-pinned", isPinned);
    this.node.classList.toggle("chatwidget-grid-writing", isWriting);
    isWriting ? this.#write(cell.tail) : this.text.replaceChildren(...pieces(kind?.pieces ?? []));
    const failed = cell.failed ? `${cell.failed} failed` : "";
    this.said.textContent = [cell.said, failed].filter(Boolean).join(" · ");
    this.unseen.textContent = cell.unseen.replace(/(?<=[\d,]) /g, "\u00a0"); // no break in a number
    const { length } = cell.order;
    const others = cell.others ? "+" : "";
    this.arrows.hidden = length < 2;
    this.place.textContent = `${cell.order.indexOf(cell.kind ?? -1) + 1}/${length}${others}`;
    this.judged.replaceChildren(...signs(kind));
    const heard = [this.said.textContent, ...judgements(kind)].filter(Boolean).join(", ");
    this.node.setAttribute("aria-label", [label, heard].filter(Boolean).join(": "));
  }

  /** @param {string} tail */
  #write(tail) {
    const [first] = this.text.childNodes;
    if (this.text.childNodes.length === 1 && first?.nodeType === 3) {
      first.nodeValue = tail;
    } else {
      this.text.textContent = tail;
    }
  }
}

/**
 * What a person says of an answer, in words.
 *
 * @param {import("./model.js").Kind | undefined} kind
 */
export function judgements(kind) {
  const some = kind?.partly ? "some " : "";
  const thumb = kind?.thumb ?? null;
  const said = thumb === null ? [] : [`${some}thumb${some && "s"} ${thumb ? "up" : "down"}`];
  return kind?.noted ? [...said, "with a note"] : said;
}

/**
 * What a person says of an answer, as pictures.
 *
 * @param {import("./model.js").Kind | undefined} kind
 */
function signs(kind) {
  const thumb = kind?.thumb ?? null;
  const said = thumb === null ? [] : [icon(thumb ? "thumbUp" : "thumbDown")];
  return kind?.noted ? [...said, icon("pencil")] : said;
}

/**
 * @param {[string, boolean][]} parts a text in parts, and whether they differ from the pinned one
 * @returns {(Node | string)[]}
 */
function pieces(parts) {
  return parts.map(([text, differs]) => (differs ? element("mark", "", text) : text));
}
