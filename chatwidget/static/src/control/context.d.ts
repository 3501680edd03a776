// What the parts of a row share.

import type { ControlAction, ControlState } from "../messages.js";

export interface Context {
  /** The parameter. */
  name: string;
  /** What makes the identifiers of this row's nodes. */
  id: string;
  /** What tells the kernel what a person does. */
  send(action: ControlAction): void;
  /** What says why something that was written cannot be sent at all. */
  complain(problem: string): void;
}

/** What a value is chosen with. */
export interface Part {
  /** What stands beside the name: one line high, or nothing. */
  beside: HTMLElement | null;
  /** What stands below the name, or nothing. */
  below: HTMLElement | null;
  show(state: ControlState): void;
  /** Put the focus where a value is chosen. */
  focus(): void;
  dispose?(): void;
}
