// Buttons for the code in finished answers: see chatwidget/render/display/code_tools.py.
//
// The answers are static output. A block of code has its buttons while the pointer is on it, or the
// focus in it; before and after there is nothing of them in the page. They are never saved.

import { CODE, codeBar } from "./code.js";
import { disposeAll } from "./dom.js";
import { STATIC_OUTPUT, isInNotebook, keepKeys } from "./host.js";

const BAR = ".chatwidget-code-bar";
const BLOCK = `${STATIC_OUTPUT} .chatwidget-answer ${CODE}`;
const MARGIN = 4; // px between the buttons and the edge of their block

/** Equips the block of code under the pointer, and the one that has the focus. */
class CodeTools {
  /** @param {import("./front-end.js").Host} model */
  constructor(model) {
    this.model = model;
    /** @type {HTMLElement | null} */
    this.pointed = null;
    /** @type {HTMLElement | null} */
    this.focused = null;
    /** @type {Map<HTMLElement, () => void>} what takes the buttons of a block away */
    this.equipped = new Map();
  }

  /** @param {EventTarget | null} target */
  point(target) {
    this.pointed = blockOf(target);
    this.#update();
  }

  /**
   * Only a focus that is to be seen counts: a click leaves one, too.
   *
   * @param {EventTarget | null} target
   */
  focus(target) {
    const isSeen = target instanceof Element && target.matches(":focus-visible");
    this.focused = isSeen ? blockOf(target) : null;
    this.#update();
  }

  #update() {
    for (const [block, unequip] of this.equipped) {
      if (block !== this.pointed && block !== this.focused) {
        unequip();
        this.equipped.delete(block);
      }
    }
    for (const block of [this.pointed, this.focused]) {
      if (block && !this.equipped.has(block) && this.#isOurs(block)) {
        this.equipped.set(block, this.#equip(block));
      }
    }
  }

  /**
   * Another kernel has another one of these: the first to come stays, of this notebook alone.
   *
   * @param {HTMLElement} block
   */
  #isOurs(block) {
    return !block.nextElementSibling?.matches(BAR) && isInNotebook(this.model, block);
  }

  /**
   * The buttons stand behind their block, so that Tab leads there, and are shown upon it.
   *
   * @param {HTMLElement} block
   */
  #equip(block) {
    const bar = codeBar(block, this.model);
    const releaseKeys = keepKeys(bar);
    block.after(bar);
    const space = block.offsetParent?.clientWidth ?? 0;
    bar.style.top = `${block.offsetTop + MARGIN}px`;
    bar.style.right = `${space - block.offsetLeft - block.offsetWidth + MARGIN}px`;
    return () => {
      releaseKeys();
      bar.remove();
    };
  }

  dispose() {
    this.pointed = null;
    this.focused = null;
    this.#update();
  }
}

/**
 * The block that a node belongs to: it stands in it, or in its buttons.
 *
 * @param {EventTarget | null} target
 * @returns {HTMLElement | null}
 */
function blockOf(target) {
  const node = target instanceof Element ? target : null;
  const bar = node?.closest(BAR);
  const block = bar ? bar.previousElementSibling : node?.closest(BLOCK);
  return block instanceof HTMLElement && block.matches(BLOCK) ? block : null;
}

/** @param {import("./front-end.js").Initial} view */
function initialize({ model }) {
  const tools = new CodeTools(model);
  /** @type {[string, (event: any) => void][]} */
  const listeners = [
    ["pointerover", ({ target }) => tools.point(target)],
    ["focusin", ({ target }) => tools.focus(target)],
    // when the whole window loses the focus, it comes back to where it was
    ["focusout", ({ relatedTarget }) => relatedTarget ?? (document.hasFocus() && tools.focus(null))],
  ];
  for (const [name, listener] of listeners) {
    document.addEventListener(name, listener, { passive: true });
  }
  return disposeAll([
    () => tools.dispose(),
    ...listeners.map(([name, listener]) => () => document.removeEventListener(name, listener)),
  ]);
}

export default { initialize };
