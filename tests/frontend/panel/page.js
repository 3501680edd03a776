// What the tests of the panel need beside the small page of all tests.

import { openPage as openSmallPage } from "../page.js";

class NoObserver {
  observe() {}
  unobserve() {}
  disconnect() {}
}

/** Make an empty page in which elements can have the focus; return its body. */
export function openPage() {
  const body = openSmallPage();
  const { HTMLDetailsElement = class {} } = window;
  const getComputedStyle = () => ({ direction: "ltr" });
  Object.assign(globalThis, { HTMLDetailsElement, ResizeObserver: NoObserver, getComputedStyle });
  let focused = body;
  Object.defineProperty(document, "activeElement", { get: () => focused, configurable: true });
  HTMLElement.prototype.focus = function focus() {
    focused = this;
  };
  Element.prototype.scrollIntoView = () => {};
  return body;
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
