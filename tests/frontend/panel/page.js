// A page for unit tests: linkedom's nodes, and stand-ins for what it has not.

import { parseHTML } from "linkedom";

class NoObserver {
  observe() {}
  unobserve() {}
  disconnect() {}
}

/** Make the globals of a page; return its body. */
export function openPage() {
  const { document, window } = parseHTML("<!doctype html><html><body></body></html>");
  const names = ["Node", "Element", "HTMLElement", "HTMLDetailsElement", "Event", "CustomEvent"];
  const page = Object.fromEntries(names.map((name) => [name, window[name] ?? class {}]));
  Object.assign(globalThis, page, { document, window });
  Object.assign(globalThis, { ResizeObserver: NoObserver, IntersectionObserver: NoObserver });
  globalThis.requestAnimationFrame = (call) => setTimeout(call, 0);
  globalThis.getComputedStyle = () => ({ direction: "ltr" });
  let focused = document.body;
  Object.defineProperty(document, "activeElement", { get: () => focused, configurable: true });
  window.HTMLElement.prototype.focus = function focus() {
    focused = this;
  };
  window.Element.prototype.scrollIntoView = () => {};
  return document.body;
}

/** Let an element hear of an event, with some fields. */
export function dispatch(node, type, fields = {}) {
  const event = new Event(type, { bubbles: true, cancelable: true });
  for (const [name, value] of Object.entries(fields)) {
    Object.defineProperty(event, name, { value, configurable: true });
  }
  node.dispatchEvent(event);
  return event;
}

/** The state of a panel in which nothing was done yet. */
export function emptyState(fields = {}) {
  return {
    server: { name: "practice", location: "here", model: "", models: [], profiles: ["practice"] },
    system: "",
    parameters: {},
    groups: [],
    rows: [],
    presets: [],
    conversations: [],
    running: "",
    approval: null,
    rerun: { enabled: false, per_minute: 20, used: 0 },
    notice: { sentence: "", undo: "" },
    comparison: null,
    request: null,
    prompts: [],
    draft: "",
    enter_sends: true,
    examples: [],
    ...fields,
  };
}

/** A finished turn. */
export function turnState(id, fields = {}) {
  return {
    id,
    prompt: `Question ${id}`,
    pictures: [],
    files: [],
    parts: [],
    texts: ["Answer"],
    chosen: 0,
    versions: [id],
    running: false,
    notice: "",
    facts: ["practice", "temperature 0.7"],
    why: ["temperature = 0.7"],
    ...fields,
  };
}
