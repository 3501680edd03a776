// The view of a study as a grid: see chatwidget/lab/grid_view.py.
//
// While the study runs, the widget is drawn where it is displayed. Afterwards its output is HTML
// that stays in the notebook, and the widget is drawn in the place that is kept for it there.

import { disposeAll, element, listen } from "./dom.js";
import { keepKeys } from "./host.js";
import { GridModel } from "./grid/model.js";
import { GridPage } from "./grid/page.js";
import { hears, KernelLink } from "./panel/kernel_link.js";
import { Places } from "./places.js";

/** @typedef {import("./messages.js").FromGrid} FromGrid */
/** @typedef {import("./messages.js").GridState} GridState */
/** @typedef {import("./front-end.js").Model<GridState, FromGrid>} Model */

/**
 * Draw the grid in an element.
 *
 * @param {Model} model
 * @param {HTMLElement} el
 * @returns {import("./front-end.js").Dispose}
 */
function draw(model, el) {
  const root = element("div", "chatwidget-answer chatwidget-grid mathjax_ignore tex2jax_ignore");
  const link = new KernelLink(model, () => page.setLink(stands()));
  // whoever is drawn after a restart hears nothing of it, but that the model's line is dead
  const stands = () => (model.comm_live === false ? "restarted" : link.link);
  const grid = new GridModel((message) => void (hears(stands()) && model.send(message)));
  const page = new GridPage(grid, root);
  el.append(root);
  const onRunning = () => page.setRunning(model.get("running"));
  const onSnapshot = () => grid.catchUp(model.get("snapshot"));
  const dispose = disposeAll([
    keepKeys(root),
    () => page.dispose(),
    link.dispose,
    listen(model, "msg:custom", (message) => grid.take(message)),
    listen(model, "change:snapshot", onSnapshot),
    listen(model, "change:running", onRunning),
    () => root.remove(),
  ]);
  onSnapshot();
  onRunning();
  page.setLink(stands());
  grid.send({ type: "ready" });
  return dispose;
}

/** @param {import("./front-end.js").View<GridState, FromGrid>} view */
function render({ model, el }) {
  return draw(model, el);
}

/** @param {import("./front-end.js").Initial<GridState, FromGrid>} view */
function initialize({ model }) {
  const places = new Places(model.get("place"), (place) =>
    place instanceof HTMLElement ? draw(model, place) : null,
  );
  return disposeAll([places.dispose, listen(model, "change:running", () => places.await())]);
}

export default { initialize, render };
