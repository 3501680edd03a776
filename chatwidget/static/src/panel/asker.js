// A question on its way to the kernel: one at a time, and what becomes of it.

import { kernelStatus } from "../host.js";

/** @typedef {import("../front-end.js").Host} Host */
/** @typedef {Extract<import("../messages.js").Action, { type: "Ask" | "Edit" }>} Question */

const PATIENCE = 500; // ms until a kernel that has not answered counts as busy

/** Sends questions, and hears whether they were taken. */
export class Asker {
  /**
   * @param {import("./store.js").Store} store
   * @param {Host} host
   */
  constructor(store, host) {
    this.store = store;
    this.host = host;
    /** @type {((sentence: string) => void)} */
    this.onSentence = () => {};
    this.onTaken = () => {}; // what was sent is to be seen
    /** @type {Question | null} */
    this.question = null;
    /** @type {(problem: string | null) => void} */
    this.resolve = () => {};
    this.timer = 0;
    /** @type {Set<string>} the turns that were there when it was asked */
    this.before = new Set();
    this.release = [
      store.on("answered", (problem) => this.answered(problem)),
      store.on("turns", (_, changed) => this.look(changed)),
      store.watch(["notice"], ({ notice }) => this.onNotice(notice.sentence)),
    ];
  }

  get isWaiting() {
    return this.question !== null;
  }

  /**
   * Ask, and wait until the kernel has taken the question.
   *
   * @param {Question} question
   * @param {ArrayBuffer[]} [buffers]
   * @returns {Promise<string | null>} why it was not taken: empty if it was, null if nobody knows
   */
  ask(question, buffers) {
    this.settle(null);
    this.question = question;
    this.before = new Set(this.store.order);
    this.store.send(question, buffers);
    this.explainLater("is sent");
    return new Promise((resolve) => (this.resolve = resolve));
  }

  /**
   * Ask the question of a turn once more.
   *
   * @param {string} turn
   */
  again(turn) {
    this.store.send({ type: "Regenerate", turn });
    this.onTaken();
  }

  /** Stop the answer that is being written, or is hardly begun. */
  stop() {
    this.store.send({ type: "Stop" });
    this.explainLater("stops");
  }

  /** @param {string} problem */
  answered(problem) {
    if (this.isWaiting) {
      this.settle(problem);
    } else if (problem) {
      this.onSentence(problem);
    }
  }

  /**
   * An edited question was taken when its turn begins; nothing else tells.
   *
   * @param {import("../messages.js").TurnState[]} changed
   */
  look(changed) {
    const hasBegun = changed.some((turn) => turn.running && !this.before.has(turn.id));
    if (this.question?.type === "Edit" && hasBegun) {
      this.settle("");
    }
  }

  /**
   * Why an edited question was not taken is said below the conversation.
   *
   * @param {string} sentence
   */
  onNotice(sentence) {
    if (this.question?.type === "Edit" && sentence) {
      this.settle(null);
    }
  }

  /** @param {string | null} problem */
  settle(problem) {
    clearTimeout(this.timer);
    if (this.question) {
      this.question = null;
      this.resolve(problem);
      if (problem === "") {
        this.onTaken();
      }
    }
  }

  /** The kernel has said something: what it waits for is over. */
  heard() {
    if (!this.isWaiting) {
      clearTimeout(this.timer);
    }
  }

  /** @param {string} does */
  explainLater(does) {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      const running = this.store.state?.running;
      if (this.question && running && !this.before.has(running)) {
        return; // it has begun, and the word that it was taken is on its way
      }
      if (kernelStatus(this.host) === "connected") {
        this.onSentence(`The kernel is busy with a cell: this ${does} as soon as it is free.`);
      } else {
        this.settle(null);
      }
    }, PATIENCE);
  }

  dispose() {
    this.settle(null);
    this.release.forEach((dispose) => dispose());
  }
}
