// The note on an answer: what a person writes of it is kept a moment after they pause.

import { element } from "../dom.js";

const PAUSE = 400; // ms in which nothing was typed

/** A field for the note on one answer after the other. */
export class Note {
  /** @param {(cell: number, kind: number, note: string) => void} keep */
  constructor(keep) {
    this.keep = keep;
    /** @type {[number, number] | null} */
    this.place = null;
    this.kept = "";
    this.timer = 0;
    this.isWanted = false;
    this.field = element("textarea", "chatwidget-grid-note");
    this.field.rows = 1;
    this.field.maxLength = 10_000;
    this.field.placeholder = "What you think of this answer";
    this.field.title = "Note (n)";
    this.field.addEventListener("input", () => {
      clearTimeout(this.timer);
      this.timer = window.setTimeout(() => this.#flush(), PAUSE);
    });
    this.field.addEventListener("blur", () => this.#flush());
    this.node = element("label", "chatwidget-grid-field chatwidget-grid-noted", "Note", this.field);
    this.close();
  }

  /**
   * Show the note on an answer; what a person is typing there stays.
   *
   * @param {number} cell
   * @param {number} kind
   * @param {string} note
   */
  show(cell, kind, note) {
    const isSame = this.place?.[0] === cell && this.place[1] === kind;
    if (!isSame) {
      this.#flush();
      this.place = [cell, kind];
    }
    if (!isSame || this.field.value === this.kept) {
      this.field.value = note;
    }
    this.kept = note;
    this.field.disabled = false;
    this.isWanted && this.focus();
  }

  /** Let a person write, as soon as it is known what is written there already. */
  focus() {
    this.isWanted = this.field.disabled;
    this.field.focus();
  }

  /** Keep what was typed, and show no note. */
  close() {
    this.#flush();
    this.place = null;
    this.kept = "";
    this.isWanted = false;
    this.field.value = "";
    this.field.disabled = true;
  }

  #flush() {
    clearTimeout(this.timer);
    const note = this.field.value;
    if (this.place && note !== this.kept) {
      this.kept = note;
      this.keep(...this.place, note);
    }
  }
}
