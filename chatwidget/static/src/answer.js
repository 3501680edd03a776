// An answer that grows: parts, in blocks that are settled once and an open end. The view of a cell
// and the panel show the same. What they are sent: chatwidget/render/display/messages.py.

import { element, fragment } from "./dom.js";
import { typesetterOf } from "./host.js";

/** @typedef {import("./messages.js").Kind} Kind */
/** @typedef {import("./messages.js").PartChange} PartChange */
/** @typedef {import("./messages.js").PartKey} PartKey */

/** What finds the formulas of an answer. */
export const FORMULA = ".chatwidget-math";

const FEW = 8; // formulas that are typeset at once, without the page standing still

/**
 * @param {Element} block
 * @returns {HTMLElement[]}
 */
export function formulasOf(block) {
  const inside = /** @type {NodeListOf<HTMLElement>} */ (block.querySelectorAll(FORMULA));
  return [...(block.matches(FORMULA) ? [/** @type {HTMLElement} */ (block)] : []), ...inside];
}

/** Lets the host typeset formulas, if it can, as soon as they are in sight. */
export class Typesetter {
  /** @param {import("./front-end.js").Host} model */
  constructor(model) {
    this.host = typesetterOf(model);
    /** @type {WeakMap<Element, string>} what formulas were before they were typeset */
    this.texts = new WeakMap();
    this.observer = this.host && new IntersectionObserver((entries) => this.#onSight(entries));
  }

  /** @param {IntersectionObserverEntry[]} entries */
  #onSight(entries) {
    for (const { isIntersecting, target } of entries) {
      if (isIntersecting) {
        this.observer?.unobserve(target);
        for (const formula of formulasOf(target)) {
          this.texts.set(formula, formula.textContent ?? "");
          this.host?.typeset(formula);
        }
      }
    }
  }

  /**
   * Typeset what the renderer took for mathematics, and nothing else, each as it is seen.
   *
   * @param {Element} block
   */
  watch(block) {
    formulasOf(block).forEach((formula) => this.observer?.observe(formula));
  }

  /**
   * The same for an answer that is there as a whole: with few formulas it is seen as one.
   *
   * @param {Element} answer
   */
  watchWhole(answer) {
    const count = formulasOf(answer).length;
    if (count > FEW) {
      this.watch(answer);
    } else if (count) {
      this.observer?.observe(answer);
    }
  }

  dispose() {
    this.observer?.disconnect();
  }
}

/**
 * Where the children of a code block, table or list are.
 *
 * @param {Element} block
 * @returns {Element}
 */
function inside(block) {
  return block.querySelector(":scope > code, :scope > table > tbody") ?? block;
}

/** One part of the answer: settled blocks, and an open end that is drawn anew. */
export class Part {
  /**
   * @param {Typesetter | null} typesetter
   * @param {Kind} kind
   */
  constructor(typesetter, kind) {
    this.typesetter = typesetter;
    this.kind = kind;
    this.count = 0;
    this.tail = "";
    this.end = element("div", "chatwidget-tail");
    this.end.setAttribute("aria-live", "off"); // read out when it is settled
    this.node = this.#makeNode(`chatwidget-part chatwidget-${kind}`);
    this.node.append(this.end);
  }

  /**
   * @param {string} className
   * @returns {HTMLElement}
   */
  #makeNode(className) {
    if (this.kind !== "reasoning") {
      return element("div", className);
    }
    const folds = element("details", className, element("summary", "", "Reasoning"));
    folds.open = true;
    return folds;
  }

  /** Fold it away, if it folds. */
  fold() {
    this.node.removeAttribute("open");
  }

  /** Forget all that is shown. */
  reset() {
    this.count = 0;
    this.tail = "";
    for (const block of [...this.node.children]) {
      if (block !== this.end && block.localName !== "summary") {
        block.remove();
      }
    }
  }

  /**
   * Tell whether a change follows what is shown.
   *
   * @param {PartChange} change
   */
  fits(change) {
    return change.start === this.count && change.keep <= this.tail.length;
  }

  /** @param {PartChange} change */
  apply(change) {
    for (const html of change.settled) {
      for (const block of [...fragment(html).children]) {
        this.#settle(block);
      }
    }
    this.count += change.settled.length;
    this.tail = this.tail.slice(0, change.keep) + change.add;
    this.end.replaceChildren(fragment(this.tail));
  }

  /**
   * Put a block before the open end; one that was cut for its length goes on in the one before.
   *
   * @param {Element} block
   */
  #settle(block) {
    const before = this.end.previousElementSibling;
    if (block.classList.contains("chatwidget-continued") && before?.localName === block.localName) {
      this.typesetter?.watch(block);
      inside(before).append(...inside(block).childNodes);
    } else {
      this.end.before(block);
      this.typesetter?.watch(block);
    }
  }
}

/** @type {Record<Kind, number>} the order in which the parts of a choice are shown */
const PLACES = {
  sent: 0,
  heading: 1,
  reasoning: 2,
  content: 3,
  pictures: 4,
  refusal: 5,
  sources: 6,
  tools: 7,
  end: 8,
};

/**
 * Compare parts by where they stand.
 *
 * @param {PartKey} one
 * @param {PartKey} other
 * @returns {number} below 0 if `one` stands first
 */
export function compareKeys(one, other) {
  return (
    one.round - other.round || one.choice - other.choice || PLACES[one.kind] - PLACES[other.kind]
  );
}

/**
 * A node whose children stand in the order of their keys.
 *
 * @template Key
 */
export class Ordered {
  /**
   * @param {HTMLElement} node
   * @param {(one: Key, other: Key) => number} compare
   */
  constructor(node, compare) {
    this.node = node;
    this.compare = compare;
    /** @type {Key[]} */
    this.keys = [];
  }

  /**
   * @param {Key} key
   * @param {Node} child
   */
  insert(key, child) {
    const place = this.keys.filter((other) => this.compare(other, key) < 0).length;
    this.keys.splice(place, 0, key);
    this.node.insertBefore(child, this.node.children[place] ?? null);
  }
}

/**
 * What a part is found by.
 *
 * @param {PartKey} key
 * @returns {string}
 */
function nameOf({ round, choice, kind }) {
  return `${round} ${choice} ${kind}`;
}

/** All parts, in the order of their keys; those of several answers in a column for each. */
export class Answer {
  /**
   * @param {Typesetter | null} typesetter
   * @param {{ isLog?: boolean }} options whether it is read out as it grows, unless it is part of a
   *   log itself
   */
  constructor(typesetter, { isLog = true } = {}) {
    this.typesetter = typesetter;
    this.number = 0;
    /** @type {Map<string, Part>} */
    this.parts = new Map();
    /** @type {Map<number, Ordered<PartKey>>} the columns by their choice */
    this.columns = new Map();
    this.node = element("div", "chatwidget-answer-body");
    this.node.setAttribute("aria-live", "polite");
    if (isLog) {
      this.node.setAttribute("role", "log");
      this.node.setAttribute("aria-label", "Answer");
    }
    /** @type {Ordered<number>} */
    this.choices = new Ordered(this.node, (one, other) => one - other);
  }

  /**
   * Return a part, which is made if there is none yet.
   *
   * @param {PartKey} key
   * @returns {Part}
   */
  part(key) {
    const known = this.parts.get(nameOf(key));
    if (known) {
      return known;
    }
    const part = new Part(this.typesetter, key.kind);
    this.column(key.choice).insert(key, part.node);
    this.parts.set(nameOf(key), part);
    if (key.kind === "end") {
      this.columns.get(key.choice)?.node.classList.add("chatwidget-ended");
    }
    if (key.kind === "content") {
      this.parts.get(nameOf({ ...key, kind: "reasoning" }))?.fold(); // thinking is over
    }
    return part;
  }

  /**
   * Return the column of a choice, which is made if there is none yet.
   *
   * @param {number} choice
   * @returns {Ordered<PartKey>}
   */
  column(choice) {
    const known = this.columns.get(choice);
    if (known) {
      return known;
    }
    const column = new Ordered(element("div", "chatwidget-column"), compareKeys);
    this.columns.set(choice, column);
    this.choices.insert(choice, column.node);
    this.node.classList.toggle("chatwidget-choices", this.columns.size > 1);
    return column;
  }

  /**
   * Apply changes, if all of them follow what is shown.
   *
   * @param {PartChange[]} changes
   * @returns {boolean} whether they do
   */
  grow(changes) {
    if (!changes.every((change) => this.part(change.part).fits(change))) {
      return false;
    }
    changes.forEach((change) => this.part(change.part).apply(change));
    return true;
  }

  /**
   * Show these changes from nothing in place of what is shown of their parts.
   *
   * @param {PartChange[]} changes
   */
  replace(changes) {
    for (const change of changes) {
      this.part(change.part).reset();
      this.part(change.part).apply(change);
    }
  }

  /**
   * Apply a numbered message, if none before it was missed: else a snapshot will come.
   *
   * @param {{ number: number, parts: PartChange[] }} message
   * @returns {boolean} whether it was applied
   */
  take({ number, parts }) {
    const isNext = number === this.number + 1 && this.grow(parts);
    this.number += Number(isNext);
    return isNext;
  }

  /**
   * Show all that there is by now, unless what is shown is newer.
   *
   * @param {{ number: number, parts: PartChange[] }} snapshot
   */
  catchUp({ number, parts }) {
    if (number > this.number) {
      this.number = number;
      this.replace(parts);
    }
  }
}
