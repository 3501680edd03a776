// What is found by typing: every word has to occur, and the best match comes first.

/**
 * Something that can be found.
 *
 * @typedef {object} Item
 * @property {string} value what is chosen
 * @property {string} [detail] what is said about it, where words are looked for, too
 * @property {string} [mark] what is seen beside it
 */

/**
 * Write a text as it is compared: without capitals, and with spaces between its words.
 *
 * @param {string} text
 * @returns {string}
 */
function plain(text) {
  return text.toLowerCase().replace(/[\s_]+/g, " ").trim();
}

/**
 * How well an item fits: 0 is best, infinity is not at all.
 *
 * @param {string} query
 * @param {Item} item
 * @returns {number}
 */
function rank(query, { value, detail = "" }) {
  const [name, all] = [plain(value), `${plain(value)} ${plain(detail)}`];
  if (!query.split(" ").every((word) => all.includes(word))) {
    return Infinity;
  }
  const place = name.indexOf(query);
  if (place === 0) {
    return name === query ? 0 : 1;
  }
  return place > 0 ? 2 : 3;
}

/**
 * Find items by what was typed; with nothing typed, all of them in their own order.
 *
 * @template {Item} Found
 * @param {string} typed
 * @param {Found[]} items
 * @returns {Found[]}
 */
export function find(typed, items) {
  const query = plain(typed);
  return items
    .map((item) => ({ item, place: rank(query, item) }))
    .filter(({ place }) => place < Infinity)
    .sort((one, other) => one.place - other.place)
    .map(({ item }) => item);
}
