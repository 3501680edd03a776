// The view of a study as a grid: see chatwidget/lab/grid_view.py.
//
// While the study runs, the widget is drawn where it is displayed. Afterwards its output is HTML
// that stays in the notebook, and the widget is drawn in the place that is kept for it there.

import { disposeAll, element, listen } from "./dom.js";
import { keepKeys, outputArea } from "./host.js";
import { GridModel } from "./grid/model.js";
import { GridPage } from "./grid/page.js";

/** @typedef {import("./messages.js").FromGrid} FromGrid */
/** @typedef {import("./messages.js").GridState} GridState */
/** @typedef {import("./front-end.js").Model<GridState, FromGrid>} Model */

const PATIENCE = 3000; // ms in which the output comes that the kernel has sent
const PAUSE = 50; // ms

/**
 * Draw the grid in an element.
 *
 * @param {Model} model
 * @param {HTMLElement} el
 * @returns {import("./front-end.js").Dispose}
 */
function draw(model, el) {
  const root = element("div", "chatwidget-answer chatwidget-grid mathjax_ignore tex2jax_ignore");
  const grid = new GridModel((message) => model.send(message));
  const page = new GridPage(grid, root);
  el.append(root);
  const onRunning = () => page.setRunning(model.get("running"));
  const onSnapshot = () => grid.catchUp(model.get("snapshot"));
  const dispose = disposeAll([
    keepKeys(root),
    () => page.dispose(),
    listen(model, "msg:custom", (message) => grid.take(message)),
    listen(model, "change:snapshot", onSnapshot),
    listen(model, "change:running", onRunning),
    () => root.remove(),
  ]);
  onSnapshot();
  onRunning();
  model.send({ type: "ready" });
  return dispose;
}

/** Finds the place that is kept for a grid, which may come, go and be drawn anew at any time. */
class Place {
  /** @param {Model} model */
  constructor(model) {
    this.model = model;
    this.places = document.getElementsByClassName(model.get("place"));
    /** @type {Map<Element, import("./front-end.js").Dispose>} */
    this.drawn = new Map();
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
      () => this.drawn.forEach((dispose) => dispose()),
      listen(model, "change:running", () => this.#await(performance.now() + PATIENCE)),
    ]);
    this.#await(performance.now() + PATIENCE);
  }

  /** @param {number} end */
  #await(end) {
    this.look();
    clearTimeout(this.timer);
    if (!this.places.length && performance.now() < end) {
      this.timer = setTimeout(() => this.#await(end), PAUSE);
    }
  }

  look() {
    for (const [place, dispose] of this.drawn) {
      if (!place.isConnected) {
        dispose();
        this.drawn.delete(place);
      }
    }
    for (const place of this.places) {
      if (place instanceof HTMLElement && !this.drawn.has(place)) {
        this.drawn.set(place, draw(this.model, place));
        this.#watch(outputArea(place) ?? place);
      }
    }
  }

  /** @param {Element} area */
  #watch(area) {
    if (!this.areas.has(area)) {
      this.areas.add(area);
      this.observer.observe(area, { childList: true });
    }
  }
}

/** @param {import("./front-end.js").View<GridState, FromGrid>} view */
function render({ model, el }) {
  return draw(model, el);
}

/** @param {import("./front-end.js").Initial<GridState, FromGrid>} view */
function initialize({ model }) {
  const place = new Place(model);
  return place.dispose;
}

export default { initialize, render };
