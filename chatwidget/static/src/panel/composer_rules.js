// What the field for a question does on which key, and which files go along.

export const LARGEST_FILE = 20 * 2 ** 20; // bytes
export const MOST_FILES = 20;
export const LONGEST_TEXT = 1_000_000; // characters, as chatwidget/panel/actions.py has it

/**
 * The part of a key's event that matters here.
 *
 * @typedef {Pick<KeyboardEvent,
 *   "key" | "ctrlKey" | "metaKey" | "shiftKey" | "altKey" | "isComposing">} Key
 */

/**
 * Tell whether a key sends. A key that confirms what an input method has composed never does.
 *
 * @param {Key} event
 * @param {boolean} enterSends whether Enter alone sends
 * @returns {boolean}
 */
export function sends(event, enterSends) {
  if (event.key !== "Enter" || event.isComposing || event.altKey) {
    return false;
  }
  return event.ctrlKey || event.metaKey || (enterSends && !event.shiftKey);
}

/** Earlier questions, which come back one by one. */
export class Recall {
  constructor() {
    this.place = -1;
  }

  /** What was typed by hand is no earlier question. */
  reset() {
    this.place = -1;
  }

  /**
   * The text that a key brings; null if it does not go back or forth.
   *
   * @param {Key} event
   * @param {string} text what stands in the field
   * @param {string[]} prompts oldest first
   * @returns {string | null}
   */
  text(event, text, prompts) {
    const isUp = event.key === "ArrowUp" && (text === "" || this.place >= 0);
    const isDown = event.key === "ArrowDown" && this.place >= 0;
    if (event.isComposing || !prompts.length || !(isUp || isDown)) {
      return null;
    }
    this.place = Math.min(this.place + (isUp ? 1 : -1), prompts.length - 1);
    return this.place < 0 ? "" : prompts[prompts.length - 1 - this.place] ?? "";
  }
}

/**
 * Take files as far as they may go along.
 *
 * @template {{ name: string, size: number }} Sent
 * @param {Sent[]} files those that are there already
 * @param {Sent[]} added
 * @returns {{ files: Sent[], problem: string }}
 */
export function withFiles(files, added) {
  const large = added.filter((file) => file.size > LARGEST_FILE);
  const all = [...files, ...added.filter((file) => !large.includes(file))];
  const tooMany = all.length - MOST_FILES;
  const names = large.map(({ name }) => name).join(", ");
  const problems = [
    large.length ? `${names} ${large.length > 1 ? "are" : "is"} larger than 20 MB.` : "",
    tooMany > 0 ? `At most ${MOST_FILES} files go along; ${tooMany} of them did not.` : "",
  ];
  return { files: all.slice(0, MOST_FILES), problem: problems.filter(Boolean).join(" ") };
}
