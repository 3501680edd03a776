// The tokens of an answer, and a switch that lets the next one come with them.

import { disposeAll, element } from "../dom.js";
import { TokenView } from "../tokens/view.js";
import { Film } from "./film.js";
import { isSame } from "./store.js";

/** @typedef {import("../messages.js").TokenPageState} TokenPageState */
/** @typedef {import("../messages.js").TokensState} TokensState */

const SWITCH = "Ask for token probabilities";
const NONE = "The newest answer came without token probabilities.";
const HOW = `${NONE} Switch them on, and ask again.`;

/** A page with the live view of an answer's tokens. */
export class Tokens {
  /** @param {import("./context.js").Context} context */
  constructor(context) {
    const { store } = context;
    this.store = store;
    this.film = new Film(context);
    this.box = element("input", "");
    this.box.type = "checkbox";
    this.box.addEventListener("change", () =>
      store.send({ type: "AskForTokens", wanted: this.box.checked }),
    );
    const label = element("label", "chatwidget-tokens-switch", this.box, ` ${SWITCH}`);
    this.place = element("div", "chatwidget-tokens");
    this.picker = element("select", "chatwidget-text");
    this.picker.setAttribute("aria-label", "Answer");
    this.picker.addEventListener("change", () =>
      store.send({ type: "ChooseTokens", turn: this.picker.value }),
    );
    this.chosen = element("label", "chatwidget-tokens-picker", "Answer ", this.picker);
    this.node = element("div", "chatwidget-tokens-page", label, this.chosen, this.place);
    this.node.append(this.film.node);
    /** @type {TokensState | null | undefined} */
    this.tokens = undefined;
    this.turn = "";
    /** @type {TokenPageState["answers"]} */
    this.answers = [];
    /** @type {TokenView | null} */
    this.view = null;
    this.dispose = disposeAll([
      () => this.view?.dispose(),
      () => this.film.dispose(),
      store.watch(["tokens"], ({ tokens }) => tokens && this.show(tokens)),
    ]);
  }

  /** @param {TokenPageState} page */
  show({ asks, tokens, answers, turn }) {
    this.box.checked = asks;
    this.offer(answers, turn);
    if (tokens && turn === this.turn && isSame(tokens, this.tokens)) {
      return; // sliders stay where they are
    }
    this.tokens = tokens;
    this.turn = turn;
    this.view?.dispose();
    this.view = tokens ? new TokenView(tokens, (...token) => this.fork(...token)) : null;
    this.place.replaceChildren(this.view?.node ?? element("p", "", asks ? NONE : HOW));
  }

  /**
   * @param {TokenPageState["answers"]} answers
   * @param {string} turn
   */
  offer(answers, turn) {
    if (!isSame([answers, turn], [this.answers, this.turn])) {
      const none = turn ? [] : [new Option("the newest has none", "")];
      this.picker.replaceChildren(
        ...none,
        ...answers.map((each) => new Option(each.title, each.turn)),
      );
      this.picker.value = turn;
      this.answers = answers;
    }
    this.chosen.hidden = answers.length < (turn ? 2 : 1);
  }

  /**
   * @param {number} position
   * @param {number} rank
   */
  fork(position, rank) {
    this.store.send({ type: "ForkAnswer", turn: this.turn, position, rank });
  }

  /** @param {boolean} isShown */
  onShow(isShown) {
    this.store.send({ type: "ShowTokens", shown: isShown });
  }
}
