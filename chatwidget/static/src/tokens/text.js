// The tokens of an answer in a row: coloured, and walked through by the arrow keys.

import { element } from "../dom.js";
import { backgroundOf, lineOf } from "./scale.js";

/** @typedef {import("../messages.js").TokensState} TokensState */

const STEPS = new Map([
  ["ArrowRight", 1],
  ["ArrowLeft", -1],
]);

/** The row of tokens. One of them at a time is reached by Tab. */
export class TokenText {
  /**
   * @param {TokensState} state
   * @param {(place: number) => string} describe names a token that has the focus
   */
  constructor(state, describe) {
    this.state = state;
    this.describe = describe;
    this.node = element("div", "chatwidget-tokens-text");
    this.node.dir = "auto";
    this.node.setAttribute("role", "listbox");
    this.node.setAttribute("aria-label", "Tokens");
    this.node.setAttribute("aria-orientation", "horizontal");
    this.spans = state.tokens.map(({ text }) => this.span(text));
    this.node.append(...this.spans);
    /** @type {Map<Element, number>} */
    this.places = new Map(this.spans.map((span, place) => [span, place]));
    /** @type {string[]} how each token looks by now */
    this.looks = [];
    this.current = 0;
    this.spans[0]?.setAttribute("tabindex", "0");
    this.node.addEventListener("keydown", (event) => this.onKey(event));
    this.node.addEventListener("focusin", ({ target }) => this.onFocus(target));
  }

  /** @param {string} text */
  span(text) {
    const span = element("span", "chatwidget-token", text);
    span.setAttribute("role", "option");
    span.setAttribute("aria-selected", "false");
    span.tabIndex = -1;
    return span;
  }

  /**
   * The place of the token that an event comes from.
   *
   * @param {EventTarget | null} target
   */
  placeOf(target) {
    return target instanceof Element ? this.places.get(target) : undefined;
  }

  /**
   * Colour a token, if it looks otherwise than before.
   *
   * @param {number} place
   * @param {import("./counterfactual.js").Position} position
   * @param {number} entropy
   */
  paint(place, { low, high }, entropy) {
    const { scale, tokens } = this.state;
    const isTold = tokens[place]?.is_told ?? false;
    const background = isTold ? backgroundOf(scale, low, high) : "transparent";
    const line = lineOf(scale, entropy) || "0";
    const isCut = isTold && high === 0;
    const look = `${background} ${line} ${isCut}`;
    const span = this.spans[place];
    if (span && this.looks[place] !== look) {
      this.looks[place] = look;
      span.style.background = background;
      span.style.boxShadow = `0 ${line} ${scale.ink}`; // a border would be laid out anew
      span.classList.toggle("chatwidget-token-cut", isCut);
    }
  }

  /** @param {number} place */
  go(place) {
    const span = this.spans[place];
    span?.focus();
    span?.scrollIntoView?.({ block: "nearest" });
  }

  /** @param {EventTarget | null} target */
  onFocus(target) {
    const place = this.placeOf(target);
    if (place === undefined) {
      return;
    }
    const [before, now] = [this.spans[this.current], this.spans[place]];
    before?.setAttribute("tabindex", "-1");
    before?.setAttribute("aria-selected", "false");
    now?.setAttribute("tabindex", "0");
    now?.setAttribute("aria-selected", "true");
    now?.setAttribute("aria-label", this.describe(place));
    this.current = place;
  }

  /** @param {KeyboardEvent} event */
  onKey(event) {
    const next = this.next(event.key);
    if (next !== undefined && this.spans[next]) {
      event.preventDefault();
      this.go(next);
    }
  }

  /**
   * Left and right go to the next token, up and down to the next sentence.
   *
   * @param {string} key
   */
  next(key) {
    const starts = this.state.sentences.map(({ start }) => start);
    const isRtl = getComputedStyle(this.node).direction === "rtl";
    const step = STEPS.get(key);
    if (step !== undefined) {
      return this.current + (isRtl ? -step : step);
    }
    switch (key) {
      case "Home":
        return 0;
      case "End":
        return this.spans.length - 1;
      case "ArrowDown":
        return starts.find((start) => start > this.current);
      case "ArrowUp":
        return starts.filter((start) => start < this.current).at(-1);
      default:
        return undefined;
    }
  }
}
