// What a page adds to the tokens of a finished answer: see chatwidget/lab/token_tools.py.
//
// The tokens stand in the page as static output, which may be drawn anew at any time and in more
// than one place. What is put in its place here is never saved.

import { disposeAll, listen } from "./dom.js";
import { outputArea } from "./host.js";
import { TokenView } from "./tokens/view.js";

/** @typedef {import("./messages.js").TokensState} TokensState */
/** @typedef {import("./messages.js").TokenViewTraits} TokenViewTraits */
/** @typedef {import("./messages.js").TokenViewReady} TokenViewReady */

const PATIENCE = 3000; // ms in which the finished answer comes that the kernel has sent
const PAUSE = 50; // ms
const LIVE = "data-live";

/** Puts a live view in the place of each static one. */
class TokenTools {
  /** @param {import("./front-end.js").Model<TokenViewTraits, TokenViewReady>} model */
  constructor(model) {
    this.model = model;
    this.places = document.getElementsByClassName(model.get("place"));
    /** @type {TokensState | null} */
    this.state = null;
    /** @type {Map<Element, () => void>} what brings the static view back */
    this.views = new Map();
    /** @type {WeakSet<Element>} */
    this.areas = new WeakSet();
    this.observer = new MutationObserver(() => this.look());
    const look = () => this.look();
    document.addEventListener("pointerover", look, { passive: true });
    document.addEventListener("focusin", look);
    this.dispose = disposeAll([
      () => document.removeEventListener("pointerover", look),
      () => document.removeEventListener("focusin", look),
      () => this.observer.disconnect(),
      () => clearTimeout(this.timer),
      listen(model, "msg:custom", (message) => this.take(message)),
      () => this.views.forEach((close) => close()),
    ]);
    model.send({ type: "ready" });
    this.await(performance.now() + PATIENCE);
  }

  /** @param {number} end */
  await(end) {
    this.look();
    if (!this.places.length && performance.now() < end) {
      this.timer = setTimeout(() => this.await(end), PAUSE);
    }
  }

  /** @param {TokensState} state */
  take(state) {
    if (state.type === "tokens") {
      this.state = state;
      this.views.forEach((close) => close());
      this.views.clear();
      this.look();
    }
  }

  /** Equip what has come into the page, and forget what has gone. */
  look() {
    for (const [place, close] of this.views) {
      if (!place.isConnected) {
        close();
        this.views.delete(place);
      }
    }
    for (const place of this.places) {
      const area = outputArea(place) ?? place.parentElement;
      if (area && !this.areas.has(area)) {
        this.areas.add(area);
        this.observer.observe(area, { childList: true, subtree: true });
      }
      if (this.state && !place.hasAttribute(LIVE)) {
        this.views.set(place, this.equip(place, this.state));
      }
    }
  }

  /**
   * @param {Element} place
   * @param {TokensState} state
   */
  equip(place, state) {
    const before = [...place.childNodes];
    const view = new TokenView(state);
    place.setAttribute(LIVE, "");
    place.replaceChildren(view.node);
    return () => {
      view.dispose();
      place.removeAttribute(LIVE);
      place.replaceChildren(...before);
    };
  }
}

/** @param {import("./front-end.js").Initial<TokenViewTraits, TokenViewReady>} view */
function initialize({ model }) {
  return new TokenTools(model).dispose;
}

export default { initialize };
