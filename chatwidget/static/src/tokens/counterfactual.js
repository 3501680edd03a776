// The tokens of an answer under other settings, along the text as it was written.

import { knownOf, processed } from "./distribution.js";

/** @typedef {import("../messages.js").TokensState} TokensState */
/** @typedef {import("../messages.js").TokenState} TokenState */
/** @typedef {import("./distribution.js").Known} Known */
/** @typedef {import("./distribution.js").Unlisted} Unlisted */

/**
 * What a person moves, under the names of the request.
 *
 * @typedef {object} Settings
 * @property {number} temperature
 * @property {number} top_p
 * @property {number} presence_penalty
 * @property {number} frequency_penalty
 */

/**
 * A position under settings. The listed tokens are those of its `TokenState`.
 *
 * @typedef {object} Position
 * @property {number} low the least probability of the token that stands there
 * @property {number} high
 * @property {import("./distribution.js").Processed} all
 */

/** Settings that leave the probabilities as the model has them. @type {Settings} */
export const NEUTRAL = { temperature: 1, top_p: 1, presence_penalty: 0, frequency_penalty: 0 };

/**
 * Compute once what no setting changes.
 *
 * @param {TokensState} state
 */
export function prepare({ tokens, vocabulary_size: vocabulary }) {
  return tokens.map(({ logprobs, floor }) => knownOf({ logprobs, floor, vocabulary }));
}

/**
 * Recompute all tokens. Penalties count the tokens that stand before each.
 *
 * @param {TokensState} state
 * @param {Settings} settings
 * @param {Known[]} known what `prepare` returned
 * @returns {Position[]}
 */
export function recompute(state, settings, known = prepare(state)) {
  const counts = new Counts(settings);
  const wanted = { temperature: settings.temperature, topP: settings.top_p };
  return known.map((each, number) => {
    const token = /** @type {TokenState} */ (state.tokens[number]);
    const [shifts, unlisted] = counts.shifts(token.ids);
    const all = processed(each, wanted, shifts, unlisted);
    counts.add(token.id);
    const place = token.ids.indexOf(token.id);
    const low = place < 0 ? 0 : (all.low[place] ?? 0);
    return { low, high: place < 0 ? all.unseen[1] : (all.high[place] ?? 0), all };
  });
}

/** How often each token stands in the answer so far. */
class Counts {
  /** @param {Settings} settings */
  constructor({ frequency_penalty, presence_penalty }) {
    this.frequency = frequency_penalty;
    this.presence = presence_penalty;
    this.isIdle = !frequency_penalty && !presence_penalty;
    /** @type {Map<number, number>} */
    this.counts = new Map();
    /** @type {Map<number, number>} how many tokens there are of each count: they shift alike */
    this.tokens = new Map();
  }

  /** @param {number} id */
  add(id) {
    const count = this.counts.get(id) ?? 0;
    this.counts.set(id, count + 1);
    this.tokens.set(count, (this.tokens.get(count) ?? 0) - 1);
    this.tokens.set(count + 1, (this.tokens.get(count + 1) ?? 0) + 1);
  }

  /** @param {number} count */
  shift(count) {
    return count ? -(count * this.frequency + this.presence) : 0;
  }

  /**
   * @param {number[]} ids
   * @returns {[shifts: number[], unlisted: Unlisted[]]}
   */
  shifts(ids) {
    if (this.isIdle) {
      return [[], []];
    }
    const listed = ids.map((id) => this.counts.get(id) ?? 0);
    const others = new Map(this.tokens);
    listed.forEach((count) => others.set(count, (others.get(count) ?? 0) - 1));
    /** @type {Unlisted[]} */
    const unlisted = [];
    for (const [count, times] of others) {
      if (count && times > 0) {
        unlisted.push([this.shift(count), times]);
      }
    }
    return [listed.map((count) => this.shift(count)), unlisted];
  }
}

/**
 * The entropy in bits of what is drawn from, about: what is uncertain counts by its middle.
 *
 * At neutral settings it is the least that it can be, as in chatwidget/tuning/tokens.py.
 *
 * @param {Known} known
 * @param {Position} position
 */
export function entropyOf(known, { all: { low, high, unseen } }) {
  let bits = 0;
  for (let place = 0; place < low.length; place += 1) {
    const share = ((low[place] ?? 0) + (high[place] ?? 0)) / 2;
    bits -= share ? share * Math.log2(share) : 0;
  }
  const rest = (unseen[0] + unseen[1]) / 2;
  const ceiling = Math.min(Math.exp(known.ceiling), rest);
  return Math.max(0, bits - (ceiling > 0 ? rest * Math.log2(ceiling) : 0));
}

/**
 * The tokens with the lowest probabilities, the least certain first; of those that tell it.
 *
 * @param {TokensState} state
 * @param {Position[]} positions
 * @param {number} count
 * @returns {number[]}
 */
export function leastCertain({ tokens }, positions, count = 5) {
  const told = positions.map((_, place) => place).filter((place) => tokens[place]?.is_told);
  const shareAt = (/** @type {number} */ place) => positions[place]?.high ?? 0;
  return told.sort((one, other) => shareAt(one) - shareAt(other) || one - other).slice(0, count);
}

/**
 * The geometric mean of the probabilities of some tokens, at least and at most.
 *
 * @param {TokensState} state
 * @param {Position[]} positions
 * @param {import("../messages.js").SentenceState} sentence
 * @returns {[low: number, high: number] | null} null where none is told
 */
export function confidence({ tokens }, positions, { start, end }) {
  let [low, high, told] = [0, 0, 0];
  for (let place = start; place < end; place += 1) {
    const position = positions[place];
    if (position && tokens[place]?.is_told) {
      low += Math.log(position.low);
      high += Math.log(position.high);
      told += 1;
    }
  }
  return told ? [Math.exp(low / told), Math.exp(high / told)] : null;
}
