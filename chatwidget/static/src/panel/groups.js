// Groups of parameters that can be opened; a closed one holds no controls.

import { element } from "../dom.js";
import { SAMPLING } from "./layout.js";

/** @typedef {import("../messages.js").GroupState} GroupState */

/** All groups but for what is in sight anyway. */
export class Groups {
  /** @param {import("./store.js").Store} store */
  constructor(store) {
    this.store = store;
    this.node = element("div", "chatwidget-groups");
    /** @type {Map<string, { node: HTMLDetailsElement, rows: HTMLElement, open: boolean }>} */
    this.known = new Map();
  }

  /** @param {GroupState[]} groups */
  show(groups) {
    const shown = groups.filter(({ parameters }) => parameters.some((it) => !SAMPLING.includes(it)));
    for (const group of shown) {
      const known = this.known.get(group.name) ?? this.make(group);
      known.open = group.open;
      known.node.open = group.open;
    }
  }

  /** @param {GroupState} group */
  make({ name, title, open }) {
    const rows = element("div", "chatwidget-rows");
    const node = element("details", "chatwidget-group", element("summary", "", title), rows);
    const known = { node, rows, open };
    node.addEventListener("toggle", () => {
      if (node.open !== known.open) {
        known.open = node.open;
        this.store.send({ type: "OpenGroup", name, open: node.open });
      }
    });
    this.known.set(name, known);
    this.node.append(node);
    return known;
  }

  /**
   * Where the controls of a group stand.
   *
   * @param {string} name
   */
  rows(name) {
    return this.known.get(name)?.rows;
  }
}
