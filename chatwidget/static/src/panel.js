// The panel: see chatwidget/panel/messages.py for what it is sent, actions.py for what it sends.

import { disposeAll, element, listen } from "./dom.js";
import { keepCopyOut, keepKeys } from "./host.js";
import { Asker } from "./panel/asker.js";
import { newId } from "./panel/ids.js";
import { Store } from "./panel/store.js";
import { PanelView } from "./panel/view.js";

/** @typedef {import("./messages.js").Action} Action */
/** @typedef {import("./panel/context.js").PanelTraits} PanelTraits */

const COPY = ".chatwidget-panel-copy";

/** @param {import("./front-end.js").View<PanelTraits, Action>} view */
function render({ model, el }) {
  const view = newId("view");
  const store = new Store((action, buffers) => model.send(action, undefined, buffers), view);
  const asker = new Asker(store, model);
  const root = element("section", "chatwidget-panel");
  root.setAttribute("aria-label", "Chat");
  el.append(root);
  const panel = new PanelView({ store, model, root, asker });
  const onLeave = () => store.leave();
  const onReturn = (/** @type {PageTransitionEvent} */ event) => event.persisted && store.hello();
  addEventListener("pagehide", onLeave);
  addEventListener("pageshow", onReturn);
  const dispose = disposeAll([
    onLeave,
    () => removeEventListener("pagehide", onLeave),
    () => removeEventListener("pageshow", onReturn),
    listen(model, "msg:custom", (message) => store.take(message)),
    keepKeys(root),
    keepCopyOutSoon(root),
    () => asker.dispose(),
    () => panel.dispose(),
    () => root.remove(),
  ]);
  store.hello();
  return dispose;
}

/**
 * Keep the static copy out of the page as soon as the panel is in it, which is a little later.
 *
 * @param {HTMLElement} root
 * @returns {import("./front-end.js").Dispose}
 */
function keepCopyOutSoon(root) {
  let release = () => {};
  let frame = 0;
  const look = () => {
    if (root.isConnected) {
      release = keepCopyOut(root, COPY);
    } else {
      frame = requestAnimationFrame(look);
    }
  };
  look();
  return () => {
    cancelAnimationFrame(frame);
    release();
  };
}

export default { render };
