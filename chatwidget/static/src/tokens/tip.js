// What could have stood in the place of a token: a small window beside it.

import { button, element } from "../dom.js";
import { newId } from "../panel/ids.js";
import { rangeText, shareText } from "./scale.js";

/** @typedef {import("../messages.js").TokensState} TokensState */
/** @typedef {import("./counterfactual.js").Position} Position */
/** @typedef {import("./distribution.js").Known} Known */

const GAP = 6; // px between a token and its window
const HOW = "Click another one, or press Enter: the answer goes on with it.";

/** The window of one token at a time, in the top layer of the page, where nothing cuts it off. */
export class Tip {
  /** @param {boolean} hasButtons whether something can be done with the alternatives */
  constructor(hasButtons) {
    this.node = element("div", "chatwidget-tokens-tip");
    this.node.id = newId("tip");
    this.node.setAttribute("role", hasButtons ? "group" : "tooltip");
    if (hasButtons) {
      this.node.setAttribute("aria-label", "Alternatives");
    }
    this.node.addEventListener("keydown", (event) => this.onKey(event));
    this.node.popover = "manual";
    this.onScroll = (/** @type {Event} */ { target }) => target !== this.node && this.follow();
    /** @type {HTMLElement | null} */
    this.token = null;
  }

  get buttons() {
    return [...this.node.querySelectorAll("button")];
  }

  /**
   * Up and down go from one alternative to the next.
   *
   * @param {KeyboardEvent} event
   */
  onKey(event) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const { buttons } = this;
    const now = buttons.findIndex((each) => each === document.activeElement);
    if (step && now >= 0) {
      event.preventDefault();
      buttons[now + step]?.focus();
    }
  }

  get isShown() {
    return this.token !== null;
  }

  /**
   * @param {HTMLElement} token
   * @param {...Node} content
   */
  show(token, ...content) {
    this.node.replaceChildren(...content);
    this.token?.removeAttribute("aria-describedby");
    this.token = token;
    token.setAttribute("aria-describedby", this.node.id);
    if (!this.node.matches(":popover-open")) {
      this.node.showPopover?.();
      addEventListener("scroll", this.onScroll, { capture: true, passive: true });
    }
    this.place(token);
  }

  /**
   * Below the token, or above it where there is more room.
   *
   * @param {HTMLElement} token
   */
  place(token) {
    const { left, top, bottom } = token.getClientRects()[0] ?? token.getBoundingClientRect();
    const { style } = this.node;
    style.maxHeight = "";
    const { width, height } = this.node.getBoundingClientRect();
    const isBelow = bottom + GAP + height <= innerHeight || top < innerHeight - bottom;
    const most = Math.max(0, (isBelow ? innerHeight - bottom : top) - 2 * GAP);
    const room = Math.max(0, innerWidth - width - GAP);
    style.left = `${Math.min(Math.max(GAP, left), room)}px`;
    style.top = `${isBelow ? bottom + GAP : top - GAP - Math.min(height, most)}px`;
    style.maxHeight = `${most}px`; // what does not fit is scrolled to
  }

  /** Stay beside the token while the page scrolls, as long as it is in sight. */
  follow() {
    const { token } = this;
    const box = token?.getClientRects()[0];
    const root = /** @type {Document | ShadowRoot | undefined} */ (token?.getRootNode());
    const seen = box && root?.elementFromPoint(box.left + box.width / 2, box.top + box.height / 2);
    if (token && seen && token.contains(seen)) {
      this.place(token);
    } else {
      this.hide();
    }
  }

  hide() {
    this.token?.removeAttribute("aria-describedby");
    this.token = null;
    removeEventListener("scroll", this.onScroll, { capture: true });
    if (this.node.matches(":popover-open")) {
      this.node.hidePopover();
    }
  }
}

/**
 * The tokens that are known at a position, with bars, and what is known of all others.
 *
 * @param {TokensState} state
 * @param {number} place
 * @param {Known} known
 * @param {Position} position
 * @param {boolean} isMoved whether the settings are other ones than neutral
 * @param {((rank: number) => void) | null} [take] what is done with another token, by its rank
 * @returns {Node[]}
 */
export function alternatives(state, place, known, position, isMoved, take = null) {
  const token = state.tokens[place];
  if (!token) {
    return [];
  }
  const { all } = position;
  const rows = token.ids.map((id, number) => {
    const share = Math.exp(token.logprobs[number] ?? 0);
    const name = state.vocabulary[id] ?? "";
    const now = [all.low[number] ?? 0, all.high[number] ?? 0];
    const shown = take && id !== token.id ? choice(name, () => take(number)) : name;
    const node = row(shown, shareText(share), isMoved ? now : null, isMoved ? now : [share, share]);
    node.classList.toggle("chatwidget-tokens-chosen", id === token.id);
    return node;
  });
  const unseen = [known.unseen, known.unseen];
  const moved = isMoved ? all.unseen : null;
  rows.push(row("<others>", shareText(known.unseen), moved, moved ?? unseen));
  const table = element("table", "", heads(isMoved), element("tbody", "", ...rows));
  const bound = `any other token ≤ ${shareText(Math.exp(known.ceiling))}`;
  const note = (/** @type {string} */ text) => element("div", "chatwidget-tokens-bound", text);
  return [...(take ? [note(HOW)] : []), table, ...(known.unseen > 0 ? [note(bound)] : [])];
}

/**
 * A token that can be taken.
 *
 * @param {string} name
 * @param {() => void} take
 */
function choice(name, take) {
  const made = button(name, `Go on with ${name}`, take, "chatwidget-tokens-take");
  made.removeAttribute("title");
  return made;
}

/** @param {boolean} isMoved */
function heads(isMoved) {
  const names = ["token", isMoved ? "raw" : "probability", ...(isMoved ? ["now"] : [])];
  const cells = names.map((name) => element("th", "", name));
  return element("thead", "", element("tr", "", ...cells));
}

/**
 * @param {string | Node} name
 * @param {string} share
 * @param {number[] | null} now
 * @param {number[]} bar
 */
function row(name, share, now, [low = 0, high = 0]) {
  const cells = [element("td", "chatwidget-tokens-name", name), element("td", "", share)];
  if (now) {
    cells.push(element("td", "", rangeText(low, high)));
  }
  const node = element("tr", "", ...cells);
  node.style.setProperty("--low", `${(low * 100).toFixed(1)}%`);
  node.style.setProperty("--high", `${(high * 100).toFixed(1)}%`);
  return node;
}
