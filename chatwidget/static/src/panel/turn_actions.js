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
export function actionsOf(state, { store, asker }) {
  const { id: turn, texts, chosen } = state;
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
  return element(
    "span",
    "chatwidget-actions",
    copy,
    again,
    action("Pin", "Pin this answer, to compare it with the newest", { type: "Compare", turn }),
    settingsButton(state, store),
    action("Delete", "Delete this question and what followed", { type: "DeleteTurn", turn }),
  );
}

/**
 * What makes the settings of an answer the panel's. What a file brings is shown first: a click
 * opens it, and the next one uses it.
 *
 * @param {TurnState} state
 * @param {Store} store
 * @returns {HTMLElement}
 */
function settingsButton({ id: turn, foreign }, store) {
  const title = "Use settings: those of this answer become the panel's";
  const made = button("Use settings", title, (event) => {
    const why = made.closest(".chatwidget-turn")?.querySelector(".chatwidget-why");
    if (foreign && why && !why.hasAttribute("open")) {
      why.setAttribute("open", "");
      const sentence = "A file brings these settings. Use settings again makes them the panel's.";
      store.change({ notice: { sentence, undo: "" } });
    } else if (isOneClick(event)) {
      store.send({ type: "UseSettings", turn });
    }
  });
  return made;
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
