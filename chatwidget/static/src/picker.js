// Buttons beside the headings of several answers: see chatwidget/render/display/picker.py.
//
// The answers stand in the page as static output, from a file that knows of no later choice.

import { button, element, listen } from "./dom.js";
import { Places } from "./places.js";

/** @typedef {import("./messages.js").PickChoice} PickChoice */
/** @typedef {import("./messages.js").PickerState} PickerState */
/** @typedef {import("./front-end.js").Model<PickerState, PickChoice>} Model */

/**
 * Mark the answer that is chosen, and give each other one its button.
 *
 * @param {Model} model
 * @param {Element} answers
 * @returns {import("./front-end.js").Dispose}
 */
function equip(model, answers) {
  const draw = () =>
    [...answers.children].forEach((column, number) => drawOne(model, column, number));
  const stop = listen(model, "change:chosen", draw);
  draw();
  return () => {
    stop();
    answers.querySelectorAll(".chatwidget-pick").forEach((node) => node.remove());
  };
}

/**
 * @param {Model} model
 * @param {Element} column
 * @param {number} number
 */
function drawOne(model, column, number) {
  const heading = column.querySelector(":scope > .chatwidget-choice");
  const isChosen = number === model.get("chosen");
  column.classList.toggle("chatwidget-chosen", isChosen);
  if (heading && !heading.querySelector(isChosen ? ".chatwidget-mark" : ".chatwidget-pick")) {
    heading.querySelector(".chatwidget-mark, .chatwidget-pick")?.remove();
    heading.append(
      isChosen ? element("span", "chatwidget-mark", "in use") : pickButton(model, number),
    );
  }
}

/**
 * @param {Model} model
 * @param {number} number
 * @returns {HTMLButtonElement}
 */
function pickButton(model, number) {
  const pick = button(
    "Use this answer",
    "The conversation goes on with this answer",
    () => {
      pick.disabled = true;
      model.send({ type: "pick", choice: number });
    },
    "chatwidget-pick",
  );
  pick.setAttribute("aria-label", `Use choice ${number + 1}`);
  return pick;
}

/** @param {import("./front-end.js").Initial<PickerState, PickChoice>} view */
function initialize({ model }) {
  return new Places(model.get("place"), (answers) => equip(model, answers)).dispose;
}

export default { initialize };
