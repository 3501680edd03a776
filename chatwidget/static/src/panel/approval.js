// Whether a function may run that the model asks for.
//
// The question stands above the answer and stays in sight. Nothing that a model wrote is in it: the
// arguments stand in the answer below, which cannot paint beyond itself (conversation.css).

import { button, element, isOneClick } from "../dom.js";

/**
 * Ask.
 *
 * @param {import("../messages.js").ApprovalState} approval
 * @param {import("./store.js").Store} store
 * @returns {HTMLElement}
 */
export function approvalBox({ approval_id, function: name }, store) {
  /**
   * @param {string} label
   * @param {string} title
   * @param {() => void} decide
   */
  const decision = (label, title, decide) =>
    button(label, title, (event) => isOneClick(event) && decide(), "chatwidget-framed");
  const node = element("div", "chatwidget-approval");
  node.setAttribute("role", "group");
  node.setAttribute("aria-label", `May ${name} run?`);
  node.append(
    element("span", "chatwidget-approval-question", "May ", element("code", "", name), " run?"),
    decision("Approve", `Approve: ${name} runs this once`, () =>
      store.send({ type: "Approve", approval_id, always: false }),
    ),
    decision("Always", `Always: ${name} runs now and later without asking`, () =>
      store.send({ type: "Approve", approval_id, always: true }),
    ),
    decision("Deny", `Deny: the model is told that ${name} may not run`, () =>
      store.send({ type: "Deny", approval_id }),
    ),
    element("small", "", "Its arguments are below."),
  );
  return node;
}
