// The row of one request parameter: see chatwidget/panel/control.py.

import { Row } from "./control/row.js";

/**
 * @param {import("./front-end.js").View<
 *   import("./messages.js").ControlTraits, import("./messages.js").ControlAction
 * >} view
 */
function render({ model, el }) {
  const row = new Row(model);
  el.classList.add("chatwidget-control");
  el.append(row.node);
  return row.dispose;
}

export default { render };
