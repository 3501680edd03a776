// Live views in the place of static ones: see chatwidget/lab/token_tools.py.
//
// A static view may be drawn anew at any time and in more than one place. What is put in its place
// here is never saved.

import { disposeAll, listen } from "./dom.js";
import { outputArea } from "./host.js";

/** @typedef {import("./messages.js").TokenViewTraits} TokenViewTraits */

/**
 * What is shown in the page.
 *
 * @typedef {object} LiveView
 * @property {HTMLElement} node
 * @property {() => void} dispose
 */

const PATIENCE = 3000; // ms in which the finished answer comes that the kernel has sent
const PAUSE = 50; // ms
const LIVE = "data-live";

/**
 * Puts a live view in the place of each static one.
 *
 * @template {{ type: string }} State
 */
export class LivePlaces {
  /**
   * @param {import("./front-end.js").Model<TokenViewTraits, any>} model
   * @param {(state: State) => LiveView} make
   */
  constructor(model, make) {
    this.model = model;
    this.make = make;
    this.places = document.getElementsByClassName(model.get("place"));
    /** @type {State | null} */
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

  /** @param {State} state */
  take(state) {
    this.state = state;
    this.views.forEach((close) => close());
    this.views.clear();
    this.look();
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
   * @param {State} state
   */
  equip(place, state) {
    const before = [...place.childNodes];
    const view = this.make(state);
    place.setAttribute(LIVE, "");
    place.replaceChildren(view.node);
    return () => {
      view.dispose();
      place.removeAttribute(LIVE);
      place.replaceChildren(...before);
    };
  }
}
