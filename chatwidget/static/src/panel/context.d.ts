// What the parts of a panel share.

import type { Model } from "../front-end.js";
import type { Action } from "../messages.js";
import type { Asker } from "./asker.js";
import type { Store } from "./store.js";

/** What a panel's model synchronises: where the controls of parameters are, by their names. */
export interface PanelTraits {
  rows: Record<string, string>;
}

export interface Context {
  /** What the kernel shows, and the way to send actions. */
  store: Store;
  /** The widget's model, which leads to the front end around the panel, too. */
  model: Model<PanelTraits, Action>;
  /** The panel's outermost element. */
  root: HTMLElement;
  /** What sends questions, and knows what became of them. */
  asker: Asker;
}
