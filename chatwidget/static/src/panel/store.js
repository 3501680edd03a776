// The page's copy of what the kernel shows, kept up by numbered messages.
//
// It knows nothing of the page: it is fed with messages, says what changed, and asks for a snapshot
// when a message was missed. See chatwidget/panel/messages.py for what comes.

/** @typedef {import("../front-end.js").Dispose} Dispose */
/** @typedef {import("../messages.js").Action} Action */
/** @typedef {import("../messages.js").PanelState} PanelState */
/** @typedef {import("../messages.js").PartChange} PartChange */
/** @typedef {import("../messages.js").Snapshot} Snapshot */
/** @typedef {import("../messages.js").TurnState} TurnState */
/** @typedef {import("../messages.js").Message} Message */

/**
 * What can be listened to.
 *
 * @typedef {object} Events
 * @property {[string[], TurnState[]]} turns the names of all turns, and those that changed
 * @property {[string, PartChange[], boolean]} parts the turn that grows, its parts that changed, and
 *   whether these are all of it
 * @property {[string]} answered why a question was not taken; empty if it was
 */

/** @typedef {{ names: (keyof PanelState)[], listener: (state: PanelState) => void }} Watcher */

/** All that a panel shows, as far as this view of it has heard. */
export class Store {
  /**
   * @param {(action: Action, buffers?: ArrayBuffer[]) => void} post what takes actions to the kernel
   * @param {string} view the name of the view that this is for
   */
  constructor(post, view) {
    this.post = post;
    this.view = view;
    this.isMuted = false; // there is no kernel that would hear
    /** @type {PanelState | null} */
    this.state = null;
    /** @type {string[]} */
    this.order = [];
    /** @type {Map<string, TurnState>} */
    this.turns = new Map();
    this.number = -1;
    this.isWaiting = false;
    /** @type {Set<Watcher>} */
    this.watchers = new Set();
    /** @type {{ [Name in keyof Events]: Set<(...values: any[]) => void> }} */
    this.listeners = { turns: new Set(), parts: new Set(), answered: new Set() };
  }

  /**
   * Send what a person wants done.
   *
   * @param {Action} action
   * @param {ArrayBuffer[]} [buffers]
   */
  send(action, buffers) {
    if (!this.isMuted) {
      this.post(action, buffers);
    }
  }

  /** Say that a view is there, and ask for all that there is to show. */
  hello() {
    this.isWaiting = true;
    this.send({ type: "Ready", view: this.view });
  }

  /** Say that the view is gone. */
  leave() {
    this.send({ type: "Leave", view: this.view });
  }

  /**
   * Hear of changes of some fields of the state; the first time is now, if there is a state.
   *
   * @param {(keyof PanelState)[]} names
   * @param {(state: PanelState) => void} listener
   * @returns {Dispose}
   */
  watch(names, listener) {
    const watcher = { names, listener };
    this.watchers.add(watcher);
    if (this.state) {
      listener(this.state);
    }
    return () => this.watchers.delete(watcher);
  }

  /**
   * Hear of something that happens.
   *
   * @template {keyof Events} Name
   * @param {Name} name
   * @param {(...values: Events[Name]) => void} listener
   * @returns {Dispose}
   */
  on(name, listener) {
    this.listeners[name].add(listener);
    return () => this.listeners[name].delete(listener);
  }

  /**
   * Take a message of the kernel.
   *
   * @param {Message} message
   */
  take(message) {
    if (message.type === "Snapshot") {
      this.catchUp(message);
    } else if (message.type === "Answered") {
      this.tell("answered", message.problem ?? "");
    } else if (message.number === this.number + 1 && this.state) {
      this.number = message.number;
      this.apply(message);
    } else if (message.number > this.number && !this.isWaiting) {
      this.hello(); // one was missed
    }
  }

  /** @param {Exclude<Message, Snapshot | { type: "Answered" }>} message */
  apply(message) {
    if (message.type === "StateMessage") {
      this.change(message.fields);
    } else if (message.type === "TurnsMessage") {
      this.arrange(message.order, message.turns);
    } else {
      this.tell("parts", message.turn, message.parts, false);
    }
  }

  /** @param {Snapshot} snapshot */
  catchUp({ number, state, order, turns, growing }) {
    if (number < this.number || (number === this.number && !this.isWaiting)) {
      return; // another view has asked for it
    }
    this.isWaiting = false;
    this.number = number;
    const known = /** @type {Record<string, unknown>} */ (this.state ?? {});
    const changed = Object.entries(state).filter(([name, value]) => !isSame(value, known[name]));
    this.change(Object.fromEntries(changed));
    const isNew = order.join() !== this.order.join();
    const others = turns.filter((turn) => !isSame(turn, this.turns.get(turn.id)));
    if (isNew || others.length) {
      this.arrange(order, others);
    }
    const grows = turns.find((turn) => turn.running);
    if (grows) {
      this.tell("parts", grows.id, growing ?? [], true);
    }
  }

  /**
   * Take fields of the state. Parameters, which are many, come as far as they have changed.
   *
   * @param {Partial<PanelState>} fields
   */
  change(fields) {
    const state = /** @type {PanelState} */ ({ ...this.state, ...fields });
    if (fields.parameters) {
      state.parameters = { ...this.state?.parameters, ...fields.parameters }; // those that changed
    }
    this.state = state;
    for (const { names, listener } of [...this.watchers]) {
      if (names.some((name) => name in fields)) {
        listener(state);
      }
    }
  }

  /**
   * @param {string[]} order
   * @param {TurnState[]} changed
   */
  arrange(order, changed) {
    changed.forEach((turn) => this.turns.set(turn.id, turn));
    const names = new Set(order);
    for (const name of [...this.turns.keys()]) {
      if (!names.has(name)) {
        this.turns.delete(name);
      }
    }
    this.order = order;
    this.tell("turns", order, changed);
  }

  /**
   * @template {keyof Events} Name
   * @param {Name} name
   * @param {Events[Name]} values
   */
  tell(name, ...values) {
    [...this.listeners[name]].forEach((listener) => listener(...values));
  }
}

/**
 * Tell whether two values that came as JSON say the same.
 *
 * @param {unknown} one
 * @param {unknown} other
 * @returns {boolean}
 */
export function isSame(one, other) {
  return JSON.stringify(one) === JSON.stringify(other);
}
