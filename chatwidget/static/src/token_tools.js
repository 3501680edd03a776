// What a page adds to the tokens of a finished answer: see chatwidget/lab/token_tools.py.

import { livePlaces } from "./live_places.js";
import { TokenView } from "./tokens/view.js";

/** @typedef {import("./messages.js").TokensState} TokensState */
/** @typedef {import("./messages.js").TokenViewTraits} TokenViewTraits */
/** @typedef {import("./messages.js").TokenViewReady} TokenViewReady */

/** @param {import("./front-end.js").Initial<TokenViewTraits, TokenViewReady>} view */
function initialize({ model }) {
  const make = (/** @type {TokensState} */ state) => new TokenView(state);
  return livePlaces(model, make);
}

export default { initialize };
