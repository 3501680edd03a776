// What stands below an answer beside its facts: its versions, what can be done with it, and why.

import { button, copyText, element, isOneClick } from "../dom.js";

/** @typedef {import("../messages.js").TurnState} TurnState */
/** @typedef {import("./store.js").Store} Store */

/**
 * What can be done with an answer.
 *
 * @param {TurnState} state
 * @param {import("./context.js").Context} context
 * @returns {HTMLElement}
 */
export function actionsOf({ id: turn, texts, chosen }, { store, asker }) {
  const copy = button("Copy", "Copy this answer", (event) => {
    copyText(texts[chosen] ?? "", event.currentTarget);
  });
  /**
   * @param {string} label
   * @param {string} title
   * @param {import("../messages.js").Action} action
   */
  const action = (label, title, action) =>
    button(label, title, (event) => isOneClick(event) && store.send(action));
  const again = button("Again", "Again: ask the same question once more", (event) => {
    if (isOneClick(event)) {
      asker.again(turn);
    }
  });
  const settings = "Use settings: those of this answer become the panel's";
  return element(
    "span",
    "chatwidget-actions",
    copy,
    again,
    action("Pin", "Pin this answer, to compare it with the newest", { type: "Compare", turn }),
    action("Use settings", settings, { type: "UseSettings", turn }),
    action("Delete", "Delete this question and what followed", { type: "DeleteTurn", turn }),
  );
}

/**
 * The way from one version of a question to the others; nothing where there is but one.
 *
 * @param {TurnState} state
 * @param {Store} store
 * @returns {HTMLElement[]}
 */
export function versionsOf({ id, versions }, store) {
  const place = versions.indexOf(id);
  if (versions.length < 2) {
    return [];
  }
  /**
   * @param {string} label
   * @param {string} title
   * @param {string | undefined} turn
   */
  const step = (label, title, turn) => {
    const node = button(label, title, () => turn && store.send({ type: "ShowVersion", turn }));
    node.disabled = turn === undefined;
    return node;
  };
  const back = step("‹", "Earlier version", versions[place - 1]);
  const on = step("›", "Later version", versions[place + 1]);
  const where = element("span", "chatwidget-place", `${place + 1}/${versions.length}`);
  return [element("span", "chatwidget-versions", back, where, on)];
}

/**
 * What was sent, and what became of it.
 *
 * @param {TurnState} state
 * @returns {HTMLElement}
 */
export function whyOf({ why }) {
  const details = element("details", "chatwidget-why", element("summary", "", "Why"));
  details.append(element("ul", "", ...why.map((each) => element("li", "", each))));
  return details;
}
