// A text below its heading, with a button that copies it.

import { button, copyText, element } from "../dom.js";

/**
 * @param {string} title
 * @returns {{ node: HTMLElement, code: HTMLElement }} what is seen, and where the text goes
 */
export function copyable(title) {
  const code = element("code", "");
  const text = element("pre", "chatwidget-copyable-text", code);
  const copy = button("Copy", `Copy: ${title}`, (event) =>
    copyText(code.textContent ?? "", event.currentTarget, code),
  );
  const heading = element("h3", "chatwidget-heading", title);
  const head = element("div", "chatwidget-copyable-head", heading, copy);
  const node = element("section", "chatwidget-copyable", head, text);
  node.setAttribute("aria-label", title);
  return { node, code };
}
