// The answer of a film: of its words only those are changed that differ.

import { element } from "../dom.js";
import { news, shared } from "./words.js";

/** The words of an answer as nodes. */
export class FilmAnswer {
  constructor() {
    this.node = element("div", "chatwidget-film-answer");
    this.node.dir = "auto";
    /** @type {string[]} */
    this.words = [];
  }

  /** @param {string[]} words */
  show(words) {
    const { start, end } = shared(this.words, words);
    const old = [...this.node.children].slice(start, this.words.length - end);
    const after = this.node.children[this.words.length - end] ?? null;
    const made = words.slice(start, words.length - end).map((word) => element("span", "", word));
    old.forEach((node) => node.remove());
    made.forEach((node) => this.node.insertBefore(node, after));
    this.words = words;
  }

  /**
   * Mark the words that another answer does not have.
   *
   * @param {string[] | null} other
   */
  mark(other) {
    const marks = other ? news(other, this.words) : [];
    [...this.node.children].forEach((node, place) => {
      node.className = marks[place] ? "chatwidget-film-new" : "";
    });
  }
}
