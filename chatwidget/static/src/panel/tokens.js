// The tokens of the newest answer, and a switch that lets the next one come with them.

import { disposeAll, element } from "../dom.js";
import { TokenView } from "../tokens/view.js";
import { isSame } from "./store.js";

/** @typedef {import("../messages.js").TokenPageState} TokenPageState */
/** @typedef {import("../messages.js").TokensState} TokensState */

const SWITCH = "Ask for token probabilities";
const NONE = "The newest answer came without token probabilities.";
const HOW = `${NONE} Switch them on, and ask again.`;

/** A page with the live view of the newest answer's tokens. */
export class Tokens {
  /** @param {import("./context.js").Context} context */
  constructor({ store }) {
    this.store = store;
    this.box = element("input", "");
    this.box.type = "checkbox";
    this.box.addEventListener("change", () =>
      store.send({ type: "AskForTokens", wanted: this.box.checked }),
    );
    const label = element("label", "chatwidget-tokens-switch", this.box, ` ${SWITCH}`);
    this.place = element("div", "chatwidget-tokens");
    this.node = element("div", "chatwidget-tokens-page", label, this.place);
    /** @type {TokensState | null | undefined} */
    this.tokens = undefined;
    /** @type {TokenView | null} */
    this.view = null;
    this.dispose = disposeAll([
      () => this.view?.dispose(),
      store.watch(["tokens"], ({ tokens }) => tokens && this.show(tokens)),
    ]);
  }

  /** @param {TokenPageState} page */
  show({ asks, tokens }) {
    this.box.checked = asks;
    if (tokens && isSame(tokens, this.tokens)) {
      return; // sliders stay where they are
    }
    this.tokens = tokens;
    this.view?.dispose();
    this.view = tokens ? new TokenView(tokens) : null;
    this.place.replaceChildren(this.view?.node ?? element("p", "", asks ? NONE : HOW));
  }

  /** @param {boolean} isShown */
  onShow(isShown) {
    this.store.send({ type: "ShowTokens", shown: isShown });
  }
}
