import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";

import {
  NEUTRAL,
  confidence,
  entropyOf,
  leastCertain,
  prepare,
  recompute,
} from "../../chatwidget/static/src/tokens/counterfactual.js";
import { knownOf, processed } from "../../chatwidget/static/src/tokens/distribution.js";

function isNear(one, other) {
  return Math.abs(one - other) <= 1e-9 * Math.max(1, Math.abs(other));
}

test("the page computes what the kernel does", async () => {
  const cases = JSON.parse(await readFile(new URL("distributions.json", import.meta.url), "utf-8"));
  for (const { known, settings, shifts, unlisted, ...expected } of cases) {
    const made = processed(knownOf(known), settings, shifts, unlisted);
    for (const name of ["low", "high", "unseen"]) {
      expected[name].forEach((value, place) => {
        const told = JSON.stringify({ known, settings, shifts, unlisted, name, made, expected });
        assert.ok(isNear(made[name][place], value), told);
      });
    }
  }
});

/** Tokens with their probabilities, at positions where all is listed. */
function stateOf(...tokens) {
  const names = [...new Set(tokens.flatMap(([, shares]) => Object.keys(shares)))];
  return {
    vocabulary: names,
    vocabulary_size: names.length,
    tokens: tokens.map(([text, shares]) => ({
      text,
      id: names.indexOf(text),
      is_told: text in shares,
      ids: Object.keys(shares).map((name) => names.indexOf(name)),
      logprobs: Object.values(shares).map(Math.log),
      floor: Math.log(Math.min(...Object.values(shares))),
    })),
  };
}

const HALVES = { a: 0.5, b: 0.25, c: 0.25 };

test("neutral settings leave the probabilities as they came", () => {
  const [first] = recompute(stateOf(["b", HALVES]), NEUTRAL);
  assert.ok(isNear(first.low, 0.25) && isNear(first.high, 0.25));
});

test("temperature zero gives all to the likeliest", () => {
  const state = stateOf(["a", HALVES], ["b", HALVES]);
  const [first, second] = recompute(state, { ...NEUTRAL, temperature: 0 });
  assert.deepEqual([first.low, first.high, second.low, second.high], [1, 1, 0, 0]);
});

test("a token that top_p cuts has nothing", () => {
  const [first, second] = recompute(stateOf(["a", HALVES], ["c", HALVES]), { ...NEUTRAL, top_p: 0.4 });
  assert.deepEqual([first.low, second.high], [1, 0]);
});

test("penalties count the tokens before, and not the one that stands there", () => {
  const state = stateOf(["a", HALVES], ["a", HALVES], ["a", HALVES]);
  const settings = { ...NEUTRAL, frequency_penalty: Math.log(2), presence_penalty: Math.log(2) };
  const shares = recompute(state, settings).map(({ low }) => low);
  const expected = [0.5, 0.125 / 0.625, 0.0625 / 0.5625];
  shares.forEach((share, place) => assert.ok(isNear(share, expected[place]), `${shares}`));
});

test("a token that is not listed has no more than the unseen", () => {
  const state = stateOf(["x", { a: 0.5, b: 0.3 }]);
  state.vocabulary_size = 1000;
  const [only] = recompute(state, NEUTRAL);
  assert.equal(only.low, 0);
  assert.ok(isNear(only.high, 0.2));
});

test("entropy is that of what is drawn from", () => {
  const state = stateOf(["a", HALVES]);
  const bits = (settings) => entropyOf(prepare(state)[0], recompute(state, settings)[0]);
  assert.ok(isNear(bits(NEUTRAL), 1.5));
  assert.ok(isNear(bits({ ...NEUTRAL, temperature: 0 }), 0));
  assert.ok(bits({ ...NEUTRAL, temperature: 1.5 }) > 1.5);
});

test("the least certain come first, and those that are not told never", () => {
  const state = stateOf(["a", HALVES], ["b", HALVES], ["c", HALVES], ["x", { a: 0.9, b: 0.1 }]);
  assert.deepEqual(leastCertain(state, recompute(state, NEUTRAL), 2), [1, 2]);
});

test("the confidence of a sentence is the geometric mean", () => {
  const state = stateOf(["a", HALVES], ["b", HALVES], ["a", { a: 0.9, b: 0.1 }]);
  const positions = recompute(state, NEUTRAL);
  const [low, high] = confidence(state, positions, { start: 0, end: 2 });
  assert.ok(isNear(low, Math.sqrt(0.125)) && isNear(high, low));
  assert.equal(confidence(state, positions, { start: 0, end: 0 }), null);
});

test("the true probabilities of the practice model lie in what the page computes", async () => {
  const file = new URL("practice_tokens.json", import.meta.url);
  const { state, truth } = JSON.parse(await readFile(file, "utf-8"));
  for (const { settings, shares } of truth) {
    const positions = recompute(state, settings);
    shares.forEach((share, place) => {
      const { low, high } = positions[place];
      const told = JSON.stringify({ settings, place, low, share, high });
      assert.ok(low <= share + 1e-5 && share <= high + 1e-5, told); // the file has six digits
    });
  }
});
