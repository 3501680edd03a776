// How probability and entropy look, by the scale that the kernel sends; and numbers as texts.

/** @typedef {import("../messages.js").Scale} Scale */

/**
 * The background of a token.
 *
 * @param {Scale} scale
 * @param {number} probability
 */
export function shadeOf({ probabilities, shades }, probability) {
  const step = probabilities.findIndex((each) => probability >= each);
  return shades[step < 0 ? probabilities.length : step] || "transparent";
}

/**
 * The thickness of its line; empty for none.
 *
 * @param {Scale} scale
 * @param {number} entropy in bits
 */
export function lineOf({ entropies, lines }, entropy) {
  const step = entropies.findIndex((each) => entropy <= each);
  return lines[step < 0 ? entropies.length : step] || "";
}

/**
 * The background of a token whose probability lies between two: the upper half has the greater one.
 *
 * @param {Scale} scale
 * @param {number} low
 * @param {number} high
 */
export function backgroundOf(scale, low, high) {
  const [least, most] = [shadeOf(scale, low), shadeOf(scale, high)];
  return least === most ? most : `linear-gradient(${most} 50%, ${least} 50%)`;
}

const EXACT = 0.1;

/** @param {number} share */
export function shareText(share) {
  return share >= EXACT ? share.toFixed(2) : String(Number(share.toPrecision(2)));
}

/**
 * @param {number} low
 * @param {number} high
 */
export function rangeText(low, high) {
  const [least, most] = [shareText(low), shareText(high)];
  return least === most ? most : low > 0 ? `${least}–${most}` : `≤ ${most}`;
}
