// The tokens of an answer: see chatwidget/lab/token_messages.py for what they are.

import { button, disposeAll, element } from "../dom.js";
import { keepKeys } from "../host.js";
import {
  NEUTRAL,
  confidence,
  entropyOf,
  leastCertain,
  prepare,
  recompute,
} from "./counterfactual.js";
import { Legend } from "./legend.js";
import { backgroundOf, rangeText } from "./scale.js";
import { Sliders } from "./sliders.js";
import { TokenText } from "./text.js";
import { Tip, alternatives } from "./tip.js";

/** @typedef {import("../messages.js").TokensState} TokensState */
/** @typedef {import("./counterfactual.js").Settings} Settings */

const PATIENCE = 200; // ms until the pointer means the token that it is on
const NONE = "The answer came without log probabilities.";

/** The view of one answer's tokens, with all that a page can do and a file cannot. */
export class TokenView {
  /**
   * @param {TokensState} state
   * @param {((place: number, rank: number) => void) | null} [fork] lets the answer go on with
   *   another token
   */
  constructor(state, fork = null) {
    this.state = state;
    this.fork = fork;
    this.known = prepare(state);
    this.settings = NEUTRAL;
    this.positions = recompute(state, NEUTRAL, this.known);
    this.text = new TokenText(state, (place) => this.describe(place));
    this.tip = new Tip(fork !== null);
    this.strip = element("div", "chatwidget-tokens-strip");
    this.least = element("div", "chatwidget-tokens-least");
    this.sliders = state.is_raw ? new Sliders(state.asked, (now) => this.move(now)) : null;
    this.node = element("div", "chatwidget-tokens-live");
    this.assemble();
    this.listen();
    this.paint();
    this.dispose = disposeAll([
      keepKeys(this.node),
      () => this.sliders?.dispose(),
      () => clearTimeout(this.timer),
      () => this.tip.hide(),
    ]);
  }

  assemble() {
    const { text, strip, least, sliders, tip, state } = this;
    if (!state.tokens.length) {
      this.node.append(element("p", "", NONE));
      return;
    }
    const legend = new Legend(state.scale);
    const meaning = element("p", "chatwidget-tokens-note", state.meaning);
    const moved = sliders ? [sliders.node] : [];
    this.node.append(text.node, legend.node, strip, least, ...moved, meaning, tip.node);
  }

  listen() {
    const { text, tip } = this;
    text.node.addEventListener("pointerover", ({ target }) => this.point(text.placeOf(target)));
    text.node.addEventListener("pointerleave", () => this.point(undefined));
    text.node.addEventListener("focusin", ({ target }) => this.show(text.placeOf(target)));
    this.node.addEventListener("focusout", ({ relatedTarget }) => this.leave(relatedTarget));
    text.node.addEventListener("click", ({ target }) => this.show(text.placeOf(target)));
    tip.node.addEventListener("pointerenter", () => clearTimeout(this.timer));
    tip.node.addEventListener("pointerleave", () => this.point(undefined));
    this.node.addEventListener("keydown", (event) => this.onKey(event));
  }

  /** @param {KeyboardEvent} event */
  onKey(event) {
    const { tip, text } = this;
    const isInside = tip.node.contains(document.activeElement);
    if (event.key === "Escape" && tip.isShown) {
      event.preventDefault();
      if (isInside) {
        text.go(text.current);
      }
      tip.hide();
    } else if (event.key === "Enter" && this.fork && text.placeOf(event.target) !== undefined) {
      event.preventDefault();
      this.show(text.placeOf(event.target));
      tip.buttons[0]?.focus();
    }
  }

  /**
   * The focus goes elsewhere.
   *
   * @param {EventTarget | null} to
   */
  leave(to) {
    const { tip, text } = this;
    if (!(to instanceof Node && (tip.node.contains(to) || text.node.contains(to)))) {
      tip.hide();
    }
  }

  /**
   * The pointer is on a token, or on none.
   *
   * @param {number | undefined} place
   */
  point(place) {
    clearTimeout(this.timer);
    this.timer = setTimeout(
      () => (place === undefined ? this.tip.hide() : this.show(place)),
      PATIENCE,
    );
  }

  /** @param {number | undefined} place */
  show(place) {
    const span = place === undefined ? undefined : this.text.spans[place];
    const position = place === undefined ? undefined : this.positions[place];
    const known = place === undefined ? undefined : this.known[place];
    if (place === undefined || !span || !position || !known) {
      return;
    }
    clearTimeout(this.timer);
    const head = element("div", "chatwidget-tokens-head", this.describe(place));
    const { fork } = this;
    const take = fork && ((/** @type {number} */ rank) => this.take(place, rank));
    const content = alternatives(this.state, place, known, position, this.isMoved, take);
    this.tip.show(span, head, ...content);
  }

  /**
   * @param {number} place
   * @param {number} rank
   */
  take(place, rank) {
    this.text.go(place);
    this.tip.hide();
    this.fork?.(place, rank);
  }

  get isMoved() {
    return this.settings !== NEUTRAL;
  }

  /**
   * A token and its probability, in words.
   *
   * @param {number} place
   */
  describe(place) {
    const { tokens, vocabulary } = this.state;
    const token = tokens[place];
    const [position, known] = [this.positions[place], this.known[place]];
    if (!token || !position || !known) {
      return "";
    }
    const share = token.is_told ? rangeText(position.low, position.high) : "not told";
    const bits = entropyOf(known, position).toFixed(1);
    const sign = known.unseen > 0 ? (this.isMoved ? "about " : "at least ") : "";
    return `${vocabulary[token.id]} ${share}, entropy ${sign}${bits} bits`;
  }

  /** @param {Settings} settings */
  move(settings) {
    const names = /** @type {(keyof Settings)[]} */ (Object.keys(NEUTRAL));
    this.settings = names.every((name) => settings[name] === NEUTRAL[name]) ? NEUTRAL : settings;
    this.positions = recompute(this.state, this.settings, this.known);
    this.tip.hide();
    this.paint();
  }

  paint() {
    this.positions.forEach((position, place) => {
      const known = this.known[place];
      this.text.paint(place, position, known ? entropyOf(known, position) : 0);
    });
    this.paintStrip();
    this.paintLeast();
  }

  /** The confidence of each sentence; a button leads there. */
  paintStrip() {
    const chips = this.state.sentences.map((sentence, number) => {
      const range = confidence(this.state, this.positions, sentence);
      const [low, high] = range ?? [1, 1];
      const text = range ? rangeText(low, high) : "–";
      const chip = this.chip(text, `Sentence ${number + 1}: confidence ${text}`, sentence.start);
      chip.style.background = backgroundOf(this.state.scale, low, high);
      return chip;
    });
    this.strip.replaceChildren("Sentences: ", ...chips);
  }

  /** The tokens that are least certain; a button leads there. */
  paintLeast() {
    const chips = leastCertain(this.state, this.positions).map((place) => {
      const { low, high } = this.positions[place] ?? { low: 0, high: 0 };
      const name = this.state.vocabulary[this.state.tokens[place]?.id ?? -1] ?? "";
      const text = `${name} ${rangeText(low, high)}`;
      const chip = this.chip(text, text, place);
      chip.style.background = backgroundOf(this.state.scale, low, high);
      return chip;
    });
    this.least.replaceChildren("Least certain: ", ...chips);
  }

  /**
   * @param {string} text
   * @param {string} title
   * @param {number} place
   */
  chip(text, title, place) {
    const chip = button(text, title, () => this.text.go(place), "chatwidget-tokens-chip");
    chip.removeAttribute("title");
    return chip;
  }
}
