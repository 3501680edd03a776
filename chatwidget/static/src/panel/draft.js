// What is written and not asked yet: the kernel keeps it, for a page that is loaded anew.

import { LONGEST_TEXT } from "./composer_rules.js";

const AFTER = 500; // ms in which nothing was typed

/** Keeps the text of a field. */
export class Draft {
  /**
   * @param {import("./store.js").Store} store
   * @param {HTMLTextAreaElement} field
   */
  constructor(store, field) {
    this.store = store;
    this.field = field;
    this.kept = "";
    this.timer = 0;
  }

  keepLater() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.keep(), AFTER);
  }

  keep() {
    this.wait();
    const text = this.field.value;
    if (text !== this.kept && text.length <= LONGEST_TEXT) {
      this.kept = text;
      this.store.send({ type: "KeepDraft", text });
    }
  }

  /** Keep nothing for now: the text is on its way. */
  wait() {
    clearTimeout(this.timer);
  }

  /**
   * The text that a draft of earlier brings; null if something was written here since.
   *
   * @param {string} draft
   * @returns {string | null}
   */
  restored(draft) {
    if (this.field.value !== this.kept) {
      return null;
    }
    this.kept = draft;
    return draft;
  }
}
