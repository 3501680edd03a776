// The words of answers, and what differs between two of them. Nothing here touches the page.

/**
 * @param {string} text
 * @returns {string[]} words with the space before them; together they are the text
 */
export function wordsOf(text) {
  return text.match(/\s*\S+|\s+$/g) ?? [];
}

/**
 * Find what two lists of words share at their ends.
 *
 * @param {string[]} before
 * @param {string[]} after
 * @returns {{ start: number, end: number }} how many words are shared at the start and at the end
 */
export function shared(before, after) {
  const least = Math.min(before.length, after.length);
  let start = 0;
  while (start < least && before[start] === after[start]) {
    start++;
  }
  let end = 0;
  while (end < least - start && before.at(-1 - end) === after.at(-1 - end)) {
    end++;
  }
  return { start, end };
}

const MOST = 600; // words between shared ends that are compared one by one: the cost is its square

/**
 * Tell which words of an answer are not in another one, in their order.
 *
 * @param {string[]} before
 * @param {string[]} after
 * @returns {boolean[]} for each word of `after`, whether it is new
 */
export function news(before, after) {
  const { start, end } = shared(before, after);
  const one = before.slice(start, before.length - end);
  const other = after.slice(start, after.length - end);
  const inner = Math.max(one.length, other.length) > MOST ? other.map(() => true) : fresh(one, other);
  return after.map((_, place) => inner[place - start] ?? false);
}

/**
 * @param {string[]} one
 * @param {string[]} other
 * @returns {boolean[]} for each of `other`, whether it is outside of the longest common sequence
 */
function fresh(one, other) {
  const width = other.length + 1;
  const lengths = new Uint16Array((one.length + 1) * width);
  for (let row = one.length - 1; row >= 0; row--) {
    for (let column = other.length - 1; column >= 0; column--) {
      const place = row * width + column;
      lengths[place] =
        one[row] === other[column]
          ? lengths[place + width + 1] + 1
          : Math.max(lengths[place + width], lengths[place + 1]);
    }
  }
  const found = other.map(() => true);
  for (let row = 0, column = 0; row < one.length && column < other.length; ) {
    const place = row * width + column;
    if (one[row] === other[column]) {
      found[column] = false;
      row++;
      column++;
    } else if (lengths[place + width] >= lengths[place + 1]) {
      row++;
    } else {
      column++;
    }
  }
  return found;
}

/**
 * Find the answer at a value: that of an edge is the one below it.
 *
 * @param {number[]} edges the values of the edges, from the lowest
 * @param {number} value
 * @returns {number} the number of the answer
 */
export function frameAt(edges, value) {
  let low = 0;
  for (let high = edges.length; low < high; ) {
    const middle = (low + high) >> 1;
    if (edges[middle] < value) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}

/**
 * @param {number[]} values
 * @param {number} share
 * @returns {number} the value below which this share of them lies
 */
export function quantile(values, share) {
  const sorted = [...values].sort((one, other) => one - other);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))];
}
