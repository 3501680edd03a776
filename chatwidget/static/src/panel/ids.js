// Names that nothing else in the page has. Each panel loads its scripts anew, so a count would not do.

/**
 * @param {string} what
 * @returns {string}
 */
export function newId(what) {
  const letters = Array.from({ length: 2 }, () => Math.random().toString(36).slice(2));
  return `chatwidget-${what}-${letters.join("")}`;
}
