// How long the page computes when the slider of a film moves: a film of long answers that differ
// from a word in their middle on. Prints JSON, milliseconds by what is shown; `node film.bench.mjs
// ROUNDS`.

import { FilmView } from "../../chatwidget/static/src/film/view.js";
import { openPage } from "./page.js";

const [ANSWERS, WORDS] = [40, 115];
const ROUNDS = Number(process.argv[2] ?? 60);

let seed = 1;
function random() {
  seed = (seed * 16807) % 2147483647;
  return seed / 2147483647;
}

function frames() {
  let words = [];
  return Array.from({ length: ANSWERS }, (_, place) => {
    const kept = words.slice(0, Math.floor(random() * WORDS));
    const more = Array.from({ length: WORDS - kept.length }, () => `word${Math.floor(1000 * random())}`);
    words = [...kept, ...more];
    return { high: (1.5 * (place + 1)) / ANSWERS, text: words.join(" "), end: "stop", doubt: 0 };
  });
}

function film() {
  const found = frames();
  const token = { text: " a", level: -1, slope: 1, probability: 0.1 };
  const edges = found
    .slice(0, -1)
    .map(({ high }) => ({ value: high, position: 1, before: token, after: token }));
  const range = { parameter: "temperature", low: 0, high: 1.5, seed: 1, value: 0 };
  return { ...range, frames: found, edges, notes: [], stack: [], can_deal: false };
}

openPage();
const times = {};
for (const isCompared of [false, true]) {
  const view = new FilmView(film(), () => {});
  document.body.append(view.node);
  view.compares.checked = isCompared;
  // each frame shows another answer, which is the worst that a drag can do
  times[isCompared ? "two handles" : "one handle"] = Array.from({ length: ROUNDS }, (_, round) => {
    view.slider.value = String(1.5 * (((round + 1) * 0.381966) % 1));
    const began = performance.now();
    view.paint();
    return performance.now() - began;
  });
  view.dispose();
}
console.log(JSON.stringify(times));
