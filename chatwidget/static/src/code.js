// Blocks of code: what is in them, and the buttons that copy it or put it into a new cell.

import { button, copyText, element } from "./dom.js";
import { canInsertCell, insertCellBelow } from "./host.js";

/** What finds the blocks of code of an answer. */
export const CODE = "pre.chatwidget-code";

/**
 * The code in a block, without the end of its last line.
 *
 * @param {Element} block
 * @returns {string}
 */
export function codeOf(block) {
  return (block.querySelector("code")?.textContent ?? "").replace(/\n$/, "");
}

/**
 * Make the buttons of a block of code; that for a new cell only where the notebook is in reach.
 *
 * @param {Element} block
 * @param {import("./front-end.js").Host} model
 * @returns {HTMLDivElement}
 */
export function codeBar(block, model) {
  const copy = button("Copy", "Copy this code", ({ currentTarget }) => {
    copyText(codeOf(block), currentTarget);
  });
  const bar = element("div", "chatwidget-code-bar", copy);
  if (canInsertCell(model)) {
    const title = "To a new cell: put this code below";
    bar.append(button("To a new cell", title, () => insertCellBelow(model, block, codeOf(block))));
  }
  return bar;
}

/**
 * Put its buttons above each block of code that has none yet.
 *
 * @param {ParentNode} root
 * @param {import("./front-end.js").Host} model
 */
export function equipCode(root, model) {
  const blocks = /** @type {NodeListOf<HTMLElement>} */ (root.querySelectorAll(CODE));
  for (const block of blocks) {
    if (block.dataset.equipped === undefined) {
      block.dataset.equipped = "";
      block.tabIndex = 0; // it scrolls, and has nothing in it to put the focus on
      block.before(codeBar(block, model));
    }
  }
}
