// The distribution of a token under other settings: the twin of chatwidget/tuning/distributions.py,
// which says why it is right. A test holds both to the same numbers.

/**
 * What is known of the distribution of one token, before settings change it.
 *
 * @typedef {object} Known
 * @property {number[]} logprobs the raw log probabilities of the listed tokens
 * @property {number} floor the highest log probability that an unseen token may have
 * @property {number} vocabulary how many tokens there are at most
 * @property {number} unseen the probability of all tokens together that are not listed
 * @property {number} ceiling the highest log probability of one of them, which cannot have more
 */

/**
 * A shift that unlisted tokens have, and how many of them.
 *
 * @typedef {[shift: number, times: number]} Unlisted
 */

/**
 * The probability of each listed token, at least and at most, and that of all others together.
 *
 * @typedef {object} Processed
 * @property {number[]} low
 * @property {number[]} high
 * @property {[low: number, high: number]} unseen
 */

/** @param {number[]} values */
function sum(values) {
  return values.reduce((total, value) => total + value, 0);
}

/**
 * Compute once what no setting changes.
 *
 * @param {Pick<Known, "logprobs" | "floor" | "vocabulary">} listed
 * @returns {Known}
 */
export function knownOf({ logprobs, floor, vocabulary }) {
  let rest = logprobs.length < vocabulary ? 1 : 0;
  for (let place = 0; place < logprobs.length && rest > 0; place += 1) {
    rest -= Math.exp(logprobs[place] ?? 0);
  }
  const unseen = Math.max(0, rest);
  const ceiling = unseen ? Math.min(floor, Math.log(unseen)) : -Infinity;
  return { logprobs, floor, vocabulary, unseen, ceiling };
}

/**
 * Return the distribution that a token is drawn from under settings.
 *
 * @param {Known} known
 * @param {{ temperature: number, topP: number }} settings
 * @param {number[]} shifts what biases and penalties add to the listed tokens
 * @param {Unlisted[]} unlisted what they add to others
 * @returns {Processed}
 */
export function processed(known, { temperature, topP }, shifts = [], unlisted = []) {
  const logits = known.logprobs.map((value, place) => value + (shifts[place] ?? 0));
  const highest = unlisted.reduce((most, [shift]) => Math.max(most, shift), 0) + known.ceiling;
  if (temperature === 0) {
    return greedy(logits, highest);
  }
  const top = logits.reduce((most, value) => Math.max(most, value), highest);
  const weights = logits.map((value) => Math.exp((value - top) / temperature));
  const tail = tailOf(known, unlisted, temperature, top);
  if (topP >= 1) {
    return divided(weights, tail);
  }
  return kept(weights, tail, Math.exp((highest - top) / temperature), topP);
}

/**
 * Give all to the likeliest token; to none for certain, if an unseen one may be likelier.
 *
 * @param {number[]} logits
 * @param {number} highest
 * @returns {Processed}
 */
function greedy(logits, highest) {
  const best = logits.indexOf(Math.max(...logits));
  const isCertain = best >= 0 && /** @type {number} */ (logits[best]) >= highest;
  return {
    low: logits.map((_, place) => Number(place === best && isCertain)),
    high: logits.map((_, place) => Number(place === best)),
    unseen: [0, Number(!isCertain)],
  };
}

/**
 * The weight of all unseen tokens together, at least and at most: a power of shares is extreme where
 * the mass is spread evenly, and where as many tokens as possible have the most that they may have.
 *
 * @param {Known} known
 * @param {Unlisted[]} unlisted
 * @param {number} temperature
 * @param {number} top
 * @returns {[low: number, high: number]}
 */
function tailOf({ logprobs, vocabulary, unseen: mass, ceiling }, unlisted, temperature, top) {
  if (!mass) {
    return [0, 0];
  }
  const most = Math.max(vocabulary - logprobs.length, mass / Math.exp(ceiling));
  const even = Math.exp(Math.log(most) + (Math.log(mass / most) - top) / temperature);
  const spiked = Math.exp(Math.log(mass) - ceiling + (ceiling - top) / temperature);
  let [low, high] = [Math.min(even, spiked), Math.max(even, spiked)];
  const before = Math.exp((ceiling - top) / temperature);
  for (const [shift, times] of unlisted) {
    const added = Math.exp((ceiling + shift - top) / temperature) - before;
    low += times * Math.min(0, added);
    high += times * Math.max(0, added);
  }
  return [Math.max(0, low), high];
}

/**
 * @param {number[]} weights
 * @param {[low: number, high: number]} tail
 * @returns {Processed}
 */
function divided(weights, [least, most]) {
  const listed = sum(weights);
  return {
    low: weights.map((weight) => weight / (listed + most)),
    high: weights.map((weight) => ratio(weight, listed + least)),
    unseen: [least ? least / (least + listed) : 0, ratio(most, most + listed)],
  };
}

/**
 * Divide weights by the sum of those that top_p keeps: each token for which the likelier ones do
 * not reach it.
 *
 * @param {number[]} weights
 * @param {[low: number, high: number]} tail
 * @param {number} ceiling the highest weight of an unseen token
 * @param {number} topP
 * @returns {Processed}
 */
function kept(weights, tail, ceiling, topP) {
  const listed = sum(weights);
  const wanted = [topP * (listed + tail[0]), topP * (listed + tail[1])];
  const [least, most] = /** @type {[number, number]} */ (wanted);
  const ranked = rankingOf(weights);
  const isCertain = weights.map(() => false);
  const isPossible = weights.map(() => false);
  let [before, above, certain, possible] = [0, 0, 0, 0];
  for (const place of ranked) {
    const weight = at(weights, place);
    // unseen tokens may stand before each that does not outweigh them
    isCertain[place] = isFirst(before + (weight < ceiling ? tail[1] : 0), least);
    isPossible[place] = isFirst(before, most);
    certain += isCertain[place] ? weight : 0;
    possible += isPossible[place] ? weight : 0;
    above += weight >= ceiling ? weight : 0;
    before += weight;
  }
  const reachesTail = isFirst(above, most);
  const smallest = Math.max(least, certain);
  const largest = possible + (reachesTail ? tail[1] : 0);
  return {
    low: weights.map((weight, place) => (isCertain[place] ? weight / largest : 0)),
    high: weights.map((weight, place) => (isPossible[place] ? ratio(weight, smallest) : 0)),
    unseen: [0, reachesTail && tail[1] > 0 ? ratio(tail[1], smallest) : 0],
  };
}

/**
 * The places of weights, the greatest first: by insertion, as they are nearly in order.
 *
 * @param {number[]} weights
 */
function rankingOf(weights) {
  const ranked = weights.map((_, place) => place);
  for (let end = 1; end < ranked.length; end += 1) {
    const place = at(ranked, end);
    let rank = end;
    for (; rank > 0 && at(weights, at(ranked, rank - 1)) < at(weights, place); rank -= 1) {
      ranked[rank] = at(ranked, rank - 1);
    }
    ranked[rank] = place;
  }
  return ranked;
}

/**
 * @param {number[]} values
 * @param {number} place
 */
function at(values, place) {
  return /** @type {number} */ (values[place]);
}

/**
 * Tell whether a token is kept: those before it do not suffice, or there are none.
 *
 * @param {number} before
 * @param {number} wanted
 */
function isFirst(before, wanted) {
  return before < wanted || before === 0;
}

/**
 * An upper bound of a share; nothing is more than all.
 *
 * @param {number} weight
 * @param {number} whole
 */
function ratio(weight, whole) {
  return whole > 0 ? Math.min(1, weight / whole) : Number(weight > 0);
}
