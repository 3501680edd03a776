// The messages between kernel and page: made by "make frontend" from the Structs of
// chatwidget.render.display.messages. Do not edit.

export type FromLiveView = LiveReady | LiveStop | LiveDecide;

export type Kind = "heading" | "reasoning" | "content" | "refusal" | "tools" | "end";

/** Whether the call that is asked about under a token may run. */
export interface LiveDecide {
  type: "decide";
  token: string;
  decision: "yes" | "no" | "always";
}

/** What changed in a growing answer; the numbers count up from 1. */
export interface LiveFrame {
  type: "frame";
  number: number;
  parts: PartChange[];
}

/** A view was drawn. */
export interface LiveReady {
  type: "ready";
}

/** All of a growing answer, as after the frame of this number. */
export interface LiveSnapshot {
  number: number;
  parts: PartChange[];
}

/** What a `LiveView` shares with its page. */
export interface LiveState {
  snapshot: LiveSnapshot;
  label: string;
  interrupts: boolean;
  running: boolean;
  asks: boolean;
  token: string;
}

/** The answer shall end here. */
export interface LiveStop {
  type: "stop";
}

/** How a part differs from what was shown of it before. */
export interface PartChange {
  part: PartKey;
  start: number;
  settled: string[];
  keep: number;
  add: string;
}

/** Which part of an answer: the reasoning, the text and so on of a choice in a round. */
export interface PartKey {
  round: number;
  choice: number;
  kind: Kind;
}

/** Go on with another of several answers, counted from 0. */
export interface PickChoice {
  type: "pick";
  choice: number;
}

/** What a `Picker` shares with its page. */
export interface PickerState {
  place: string;
  chosen: number;
}
