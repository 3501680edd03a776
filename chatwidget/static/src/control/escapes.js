// Stop sequences in one line: what cannot be seen in it is written as in a string of Python.

/** @type {Record<string, string>} */
const WRITTEN = { "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t" };
const MEANT = new Map(Object.entries(WRITTEN).map(([character, written]) => [written, character]));

/**
 * Write a text so that it can be seen.
 *
 * @param {string} text
 */
export function visible(text) {
  return text.replace(/[\\\n\r\t]/g, (character) => WRITTEN[character] ?? character);
}

/**
 * The text that was written so.
 *
 * @param {string} written
 */
export function meant(written) {
  return written.replace(/\\[\\nrt]/g, (found) => MEANT.get(found) ?? found);
}
