// The controls of parameters, which are widgets of their own: each is shown in a place that moves.

import { element } from "../dom.js";
import { mountWidget } from "../host.js";

/** @typedef {import("../front-end.js").Dispose} Dispose */

/** What of a control can have the focus. */
export const REACHED = "[role=slider], input, textarea, select, button";

/** The place of one control. */
class Row {
  /**
   * @param {import("../front-end.js").Host} host
   * @param {string} name
   * @param {string} reference
   */
  constructor(host, name, reference) {
    this.reference = reference;
    this.node = element("div", "chatwidget-setting");
    this.node.dataset.parameter = name;
    this.leaving = new AbortController();
    this.mounted = mountWidget(host, reference, this.node, this.leaving.signal);
    this.mounted.catch((error) => {
      console.warn(`chatwidget: the control of ${name} cannot be shown.`, error);
      this.node.append(element("p", "chatwidget-problem", `${name} cannot be shown here.`));
    });
  }

  /**
   * Wait until the control is there to be used: a widget draws itself a little after its view came.
   *
   * @returns {Promise<HTMLElement>}
   */
  async drawn() {
    await this.mounted;
    const { node } = this;
    return new Promise((resolve) => {
      const look = () => {
        if (node.querySelector(REACHED) || this.leaving.signal.aborted) {
          watching.disconnect();
          resolve(node);
        }
      };
      const watching = new MutationObserver(look);
      watching.observe(node, { childList: true, subtree: true });
      look();
    });
  }

  async dispose() {
    this.leaving.abort();
    const remove = await this.mounted.catch(() => () => {});
    remove();
    this.node.remove();
  }
}

/** All controls that are in the page. */
export class Rows {
  /** @param {import("../front-end.js").Host} host */
  constructor(host) {
    this.host = host;
    /** @type {Map<string, Row>} */
    this.rows = new Map();
  }

  /**
   * Have the controls of these parameters, as far as there are any, and no others.
   *
   * @param {Record<string, string>} references
   * @param {string[]} wanted
   */
  keep(references, wanted) {
    for (const [name, row] of this.rows) {
      if (!wanted.includes(name) || references[name] !== row.reference) {
        row.dispose();
        this.rows.delete(name);
      }
    }
    for (const name of wanted) {
      const reference = references[name];
      if (reference && !this.rows.has(name)) {
        this.rows.set(name, new Row(this.host, name, reference));
      }
    }
  }

  /**
   * Let these controls stand in an element, in this order. One that stands there is not touched:
   * it may have the focus, or be under a pointer.
   *
   * @param {HTMLElement} parent
   * @param {string[]} names
   */
  place(parent, names) {
    const nodes = names.flatMap((name) => this.rows.get(name)?.node ?? []);
    for (const child of [...parent.children]) {
      if (!nodes.some((node) => node === child)) {
        child.remove(); // it is placed elsewhere
      }
    }
    nodes.forEach((node, place) => {
      if (parent.children[place] !== node) {
        parent.insertBefore(node, parent.children[place] ?? null);
      }
    });
  }

  /**
   * The place of a control, as soon as the control can be used there.
   *
   * @param {string} name
   * @returns {Promise<HTMLElement> | null} null if there is no such control
   */
  shown(name) {
    return this.rows.get(name)?.drawn() ?? null;
  }

  dispose() {
    this.rows.forEach((row) => row.dispose());
    this.rows.clear();
  }
}
