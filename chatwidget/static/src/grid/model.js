// What a grid shows by now: the kernel tells what changes, and views hear of it.

/** @typedef {import("../messages.js").FromGrid} FromGrid */
/** @typedef {import("../messages.js").GridCellState} GridCellState */
/** @typedef {import("../messages.js").GridHead} GridHead */
/** @typedef {import("../messages.js").GridOpened} GridOpened */
/** @typedef {import("../messages.js").GridSnapshot} GridSnapshot */
/** @typedef {import("../messages.js").GridTail} GridTail */
/** @typedef {import("../messages.js").GridWidgetMessage} GridWidgetMessage */
/** @typedef {import("../messages.js").SortName} SortName */

/**
 * One kind of answer in a cell.
 *
 * @typedef {object} Kind
 * @property {number} count
 * @property {[string, boolean][]} pieces
 * @property {boolean | null} thumb
 * @property {boolean} partly whether only some have that thumb
 * @property {boolean} noted
 */

/** @typedef {"head" | "order" | "progress" | "opened" | "said" | number} Change */

const SEEN = 280; // characters of an answer that is being written

/** What is known of one cell. */
export class Cell {
  constructor() {
    this.tail = "";
    this.said = "";
    this.unseen = "";
    /** @type {Kind[]} */
    this.kinds = [];
    /** @type {number[]} */
    this.order = [];
    this.others = 0;
    this.failed = 0;
    /** @type {number | null} */
    this.chosen = null; // the kind that a person has turned to
  }

  /** The place of the kind that is shown. */
  get kind() {
    return this.chosen ?? this.order[0] ?? null;
  }

  /** Whether an answer is seen that is being written. */
  get isWriting() {
    return this.tail !== "" && this.chosen === null;
  }

  /** The kind that is shown. */
  get shown() {
    return this.kinds[this.kind ?? -1];
  }

  /**
   * Turn to the kind that is more, or less, frequent.
   *
   * @param {number} step
   */
  turn(step) {
    const place = this.order.indexOf(this.kind ?? -1);
    const { length } = this.order;
    this.chosen = this.order[(place + step + length) % length] ?? null;
  }

  /** @param {GridCellState} state */
  take({ said, unseen, kinds, order, others, failed }) {
    Object.assign(this, { said, unseen, order, others, failed });
    this.kinds = kinds.map(({ pieces, thumb = null, partly = false, noted = false, count }, place) => ({
      count,
      pieces: pieces ?? this.kinds[place]?.pieces ?? [],
      thumb,
      partly,
      noted,
    }));
  }

  /**
   * @param {boolean} isNew
   * @param {string} text
   */
  write(isNew, text) {
    this.tail = ((isNew ? "" : this.tail) + text).slice(-SEEN);
  }
}

/** The state of a grid in the page. */
export class GridModel {
  /** @param {(message: FromGrid) => void} send */
  constructor(send) {
    this.send = send;
    this.number = 0;
    /** @type {GridHead | null} */
    this.head = null;
    /** @type {Cell[]} */
    this.cells = [];
    /** @type {number[]} */
    this.order = [];
    /** @type {SortName} */
    this.sort = "asked";
    this.having = "";
    /** @type {number | null} */
    this.pinned = null;
    this.progress = "";
    this.share = 0;
    /** @type {GridOpened | null} */
    this.opened = null;
    this.sentence = "";
    this.isLost = false; // the kernel is
    this.isAsking = false; // for all of it
    /** @type {(change: Change) => void} */
    this.onChange = () => {};
  }

  /** @param {GridWidgetMessage} message */
  take(message) {
    if (message.type === "frame") {
      if (message.number !== this.number + 1) {
        message.number > this.number && this.#ask(); // one was missed
        return;
      }
      this.number = message.number;
      this.#grow(message.tails, message.cells);
      this.#advance(message.progress, message.share);
    } else if (message.type === "arranged") {
      this.#arrange(message.order, message.pinned);
    } else if (message.type === "opened") {
      this.opened = message;
      this.onChange("opened");
    } else {
      this.sentence = message.sentence;
      this.onChange("said");
    }
  }

  #ask() {
    this.isAsking || this.send({ type: "ready" });
    this.isAsking = true;
  }

  /** @param {GridSnapshot} snapshot */
  catchUp(snapshot) {
    if (!snapshot.head || (this.head && snapshot.number <= this.number)) {
      return; // it is for those who have missed something
    }
    const before = this.cells;
    this.isAsking = false;
    this.number = snapshot.number;
    this.head = snapshot.head;
    this.sort = snapshot.sort;
    this.having = snapshot.having;
    this.cells = this.head.labels.map((_, number) => {
      const cell = new Cell();
      cell.chosen = before[number]?.chosen ?? null;
      return cell;
    });
    this.order = snapshot.order;
    this.pinned = snapshot.pinned;
    this.onChange("head");
    this.#grow(snapshot.tails, snapshot.cells);
    this.#advance(snapshot.progress, snapshot.share);
  }

  /**
   * @param {SortName} sort
   * @param {string} having
   */
  arrange(sort, having) {
    this.sort = sort;
    this.having = having;
    this.send({ type: "arrange", sort, having });
  }

  /** Whether answers can be judged, and more of them asked for. */
  get acts() {
    return Boolean(this.head?.acts) && !this.isLost;
  }

  /**
   * Turn to another kind of answer of a cell.
   *
   * @param {number} number
   * @param {number} step
   */
  turn(number, step) {
    this.cells[number]?.turn(step);
    this.onChange(number);
  }

  /**
   * Put a thumb up or down on the answer that is shown in a cell, or take it away again.
   *
   * @param {number} number
   * @param {boolean} thumb
   */
  judge(number, thumb) {
    const cell = this.cells[number];
    if (this.acts && cell?.shown && cell.kind !== null) {
      const isThere = cell.shown.thumb === thumb && !cell.shown.partly;
      this.send({ type: "thumb", cell: number, kind: cell.kind, thumb: isThere ? null : thumb });
    }
  }

  /**
   * @param {GridTail[]} tails
   * @param {GridCellState[]} cells
   */
  #grow(tails, cells) {
    for (const [number, isNew, text] of tails) {
      this.cells[number]?.write(isNew, text);
      this.onChange(number);
    }
    for (const state of cells) {
      this.cells[state.cell]?.take(state);
      this.onChange(state.cell);
    }
  }

  /**
   * @param {string} progress
   * @param {number} share
   */
  #advance(progress, share) {
    this.progress = progress;
    this.share = share;
    this.onChange("progress");
  }

  /**
   * @param {number[]} order
   * @param {number | null} pinned
   */
  #arrange(order, pinned) {
    this.order = order;
    this.pinned = pinned;
    this.onChange("order");
  }
}
