// How long the page computes when a slider moves: 1,000 tokens with 20 alternatives. Prints JSON,
// milliseconds by what is moved; `node tokens.bench.mjs ROUNDS`.

import {
  NEUTRAL,
  confidence,
  entropyOf,
  leastCertain,
  prepare,
  recompute,
} from "../../chatwidget/static/src/tokens/counterfactual.js";

const [TOKENS, ALTERNATIVES, NAMES] = [1000, 20, 3000];
const ROUNDS = Number(process.argv[2] ?? 60);
const MOVED = {
  temperature: { temperature: 0.7 },
  "temperature and top_p": { temperature: 1.2, top_p: 0.9 },
  "all four": { temperature: 1.2, top_p: 0.9, presence_penalty: 0.3, frequency_penalty: 0.5 },
};

let seed = 1;
function random() {
  seed = (seed * 16807) % 2147483647;
  return seed / 2147483647;
}

function token() {
  const weights = Array.from({ length: ALTERNATIVES }, () => random() ** 6).sort((a, b) => b - a);
  const total = weights.reduce((sum, weight) => sum + weight) * 1.1;
  const logprobs = weights.map((weight) => Math.log(weight / total));
  const ids = weights.map(() => Math.floor(random() * NAMES));
  return { text: " a", id: ids[0], is_told: true, ids, logprobs, floor: logprobs.at(-1) };
}

const state = {
  vocabulary_size: 262144,
  tokens: Array.from({ length: TOKENS }, token),
  sentences: Array.from({ length: TOKENS / 20 }, (_, n) => ({ start: 20 * n, end: 20 * n + 20 })),
};
const known = prepare(state);

function frame(settings) {
  const positions = recompute(state, settings, known);
  positions.forEach((position, place) => entropyOf(known[place], position));
  state.sentences.forEach((sentence) => confidence(state, positions, sentence));
  leastCertain(state, positions);
}

const times = {};
for (const [name, moved] of Object.entries(MOVED)) {
  const settings = { ...NEUTRAL, ...moved };
  times[name] = Array.from({ length: ROUNDS }, () => {
    const began = performance.now();
    frame(settings);
    return performance.now() - began;
  });
}
console.log(JSON.stringify(times));
