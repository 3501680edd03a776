// A small page for the tests: what of a browser linkedom has, and stand-ins for what it lacks.

import { parseHTML } from "linkedom";

/** What the stand-in for IntersectionObserver watches, and the way to let it be seen. */
export class Sight {
  static all = [];

  constructor(callback) {
    this.callback = callback;
    this.watched = new Set();
    Sight.all.push(this);
  }

  observe(target) {
    this.watched.add(target);
  }

  unobserve(target) {
    this.watched.delete(target);
  }

  disconnect() {
    this.watched.clear();
  }

  show(...targets) {
    this.callback(targets.map((target) => ({ target, isIntersecting: true })), this);
  }
}

/** A collection that follows the page, as a browser's do. */
class Live {
  constructor(document, name) {
    this.find = () => document.querySelectorAll(`.${name}`);
  }

  get length() {
    return this.find().length;
  }

  [Symbol.iterator]() {
    return this.find()[Symbol.iterator]();
  }
}

/** Make an empty page; its objects become global, as a browser has them. */
export function openPage(body = "") {
  const { document, window } = parseHTML(`<!doctype html><html><body>${body}</body></html>`);
  Sight.all = [];
  const names = ["Element", "HTMLElement", "HTMLInputElement", "MutationObserver", "Event", "Node"];
  Object.assign(globalThis, Object.fromEntries(names.map((name) => [name, window[name]])));
  Object.assign(globalThis, {
    CSS: { escape: (text) => text.replaceAll('"', '\\"') },
    IntersectionObserver: Sight,
    KeyboardEvent: class extends window.Event {
      constructor(type, { key, ...options }) {
        super(type, options);
        this.key = key;
      }
    },
    cancelAnimationFrame: clearTimeout,
    document,
    requestAnimationFrame: (call) => setTimeout(call),
    window,
  });
  document.hasFocus ??= () => true;
  document.getElementsByClassName = (name) => new Live(document, name);
  return document.body;
}

/** A widget's model in the page; what was sent to the kernel is kept. */
export class FakeModel {
  constructor(state = {}, manager = undefined) {
    this.state = state;
    this.widget_manager = manager;
    this.sent = [];
    this.listeners = [];
  }

  get(name) {
    return this.state[name];
  }

  set(name, value) {
    this.state[name] = value;
    this.hear(`change:${name}`);
  }

  save_changes() {}

  send(message) {
    this.sent.push(message);
  }

  on(names, listener) {
    names.split(" ").forEach((name) => this.listeners.push([name, listener]));
  }

  off(names, listener) {
    const gone = names.split(" ");
    this.listeners = this.listeners.filter(
      ([name, other]) => other !== listener || !gone.includes(name),
    );
  }

  hear(name, ...parameters) {
    this.listeners.filter(([other]) => other === name).forEach(([, call]) => call(...parameters));
  }
}

/** Wait until what was put off has run. */
export function later(milliseconds = 5) {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

/** Click as a pointer does, or press a key: `detail` counts clicks in a row. */
export function click(node, detail = 1) {
  const event = new Event("click", { bubbles: true });
  Object.defineProperty(event, "detail", { value: detail });
  node.dispatchEvent(event);
}
