// Live views in the place of static ones: see chatwidget/lab/token_tools.py.

import { disposeAll, listen } from "./dom.js";
import { Places } from "./places.js";

/** @typedef {import("./messages.js").TokenViewTraits} TokenViewTraits */

/**
 * What is shown in the page.
 *
 * @typedef {object} LiveView
 * @property {HTMLElement} node
 * @property {() => void} dispose
 */

const LIVE = "data-live";

/**
 * Put a live view in the place of each static one, when the kernel has said what it shows.
 *
 * @template {{ type: string }} State
 * @param {import("./front-end.js").Model<TokenViewTraits, any>} model
 * @param {(state: State) => LiveView} make
 * @returns {import("./front-end.js").Dispose}
 */
export function livePlaces(model, make) {
  /** @type {State | null} */
  let state = null;
  const places = new Places(model.get("place"), (place) =>
    state && !place.hasAttribute(LIVE) ? replaced(place, make(state)) : null,
  );
  const dispose = disposeAll([
    places.dispose,
    listen(model, "msg:custom", (message) => {
      state = message;
      places.again();
    }),
  ]);
  model.send({ type: "ready" });
  return dispose;
}

/**
 * @param {Element} place
 * @param {LiveView} view
 * @returns {import("./front-end.js").Dispose} what brings the static view back
 */
function replaced(place, view) {
  const before = [...place.childNodes];
  place.setAttribute(LIVE, "");
  place.replaceChildren(view.node);
  return () => {
    view.dispose();
    place.removeAttribute(LIVE);
    place.replaceChildren(...before);
  };
}
