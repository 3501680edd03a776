// What the last cell was asked with, where that is not what the session sends.

/**
 * What is said of it.
 *
 * @param {string} value
 */
export function ghostTitle(value) {
  return `${value}: the last cell was asked with this; a flag holds for its cell. Press to keep it.`;
}
