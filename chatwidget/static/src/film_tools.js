// The moving film in the place of the static one: see chatwidget/lab/film_tools.py.

import { FilmView } from "./film/view.js";
import { livePlaces } from "./live_places.js";

/** @typedef {import("./messages.js").FilmState} FilmState */
/** @typedef {import("./messages.js").FilmAsk} FilmAsk */
/** @typedef {import("./messages.js").TokenViewTraits} TokenViewTraits */

/** @param {import("./front-end.js").Initial<TokenViewTraits, FilmAsk | { type: "ready" }>} view */
function initialize({ model }) {
  const ask = (/** @type {string} */ what) => model.send({ type: "ask", what });
  return livePlaces(model, (/** @type {FilmState} */ state) => new FilmView(state, ask));
}

export default { initialize };
