// What the front end gives a view: the parts of anywidget's and Jupyter's interfaces in use here.
// They are written down by hand, since their packages would bring all of JupyterLab along.

/** A message that a widget takes or sends, and buffers that go with it. */
export type Listener = (...parameters: any[]) => void;

/** A function that takes back what was set up. */
export type Dispose = () => void;

/** A widget's model: `State` is what is synchronised, `Message` what is sent to the kernel. */
export interface Model<State = Record<string, unknown>, Message = unknown> extends Host {
  /** Whether there is somebody at the other end; not every host says so. */
  comm_live?: boolean;
  get<Name extends keyof State>(name: Name): State[Name];
  set<Name extends keyof State>(name: Name, value: State[Name]): void;
  save_changes(): void;
  send(message: Message, callbacks?: unknown, buffers?: ArrayBuffer[]): void;
  on(names: string, listener: Listener): void;
  off(names: string, listener: Listener): void;
}

/** What `render` is called with. */
export interface View<State = Record<string, unknown>, Message = unknown> {
  model: Model<State, Message>;
  el: HTMLElement;
}

/** What `initialize` is called with: a model, and no place in the page. */
export type Initial<State = Record<string, unknown>, Message = unknown> = Pick<
  View<State, Message>,
  "model"
>;

/** Anything that leads to the widget manager: a model. `host.js` alone looks into it. */
export interface Host {
  widget_manager?: unknown;
}

/** Where the kernel stands, as far as a person has to know. */
export type KernelStatus = "connected" | "restarting" | "disconnected" | "dead";

/** What typesets the formulas of an element. */
export interface LatexTypesetter {
  typeset(node: HTMLElement): void | Promise<void>;
}
