import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

import { dispatch, emptyState, openPage } from "./page.js";

const load = (name) => import(`../../../chatwidget/static/src/panel/${name}.js`);

const PAGE = {
  turn: "t1",
  parameters: ["temperature", "top_p"],
  plan: "It is asked for one token at a time.",
  can_start: true,
  most: 600,
  running: false,
  asked: 0,
  budget: 0,
  progress: "",
  film: null,
};

const token = { text: "a", level: -1, slope: 1, probability: 0.5 };
const FILM = {
  parameter: "temperature",
  low: 0,
  high: 1,
  seed: 3,
  value: 0,
  frames: [0.5, 1].map((high) => ({ high, text: `up to ${high}`, end: "stop", doubt: 0 })),
  edges: [{ value: 0.5, position: 0, before: token, after: token }],
  notes: [],
  stack: [],
  can_deal: true,
};

let film;
let store;
let sent;

beforeEach(async () => {
  const body = openPage();
  const [{ Store }, { Film }] = [await load("store"), await load("film")];
  sent = [];
  store = new Store((action) => sent.push(action), "view");
  store.change(emptyState());
  film = new Film({ store });
  body.append(film.node);
});

const show = (fields) => store.change({ film: { ...PAGE, ...fields } });
const click = (node) => dispatch(node, "click", { detail: 1 });
const slider = () => film.node.querySelector(".chatwidget-film-slider");

test("what a film takes is said before it starts, and its budget goes along", () => {
  show({});
  assert.equal(film.said.textContent, PAGE.plan);
  assert.equal(film.most.value, "600");
  film.most.value = "50";
  Object.defineProperty(film.parameter, "value", { value: "top_p" }); // the small page has none
  click(film.start);
  const asked = { type: "StartFilm", turn: "t1", parameter: "top_p", most: 50 };
  assert.deepEqual(sent.at(-1), asked);
});

test("where nothing is asked there is no budget", () => {
  show({ most: 0 });
  assert.ok(film.budget.hidden);
  click(film.start);
  assert.equal(sent.at(-1).most, 0);
});

test("what cannot be filmed says why", () => {
  show({ can_start: false, plan: "Ask again." });
  assert.ok(film.start.disabled);
  assert.equal(film.said.textContent, "Ask again.");
});

test("while it is made it shows how far it is, and can be stopped", () => {
  show({ running: true, can_start: false, asked: 7, budget: 50, progress: "7 of at most 50" });
  assert.ok(!film.bar.hidden && !film.stop.hidden);
  assert.deepEqual([Number(film.bar.value), Number(film.bar.max)], [7, 50]);
  assert.equal(film.said.textContent, "7 of at most 50");
  click(film.stop);
  assert.equal(sent.at(-1).type, "StopFilm");
  show({});
  assert.ok(film.bar.hidden && film.stop.hidden);
});

test("a slider stays where it is while other things change, and another film takes its place", () => {
  show({ film: FILM });
  slider().value = "0.9";
  show({ film: structuredClone(FILM), plan: "Something else." });
  assert.equal(slider().value, "0.9");
  show({ film: { ...FILM, seed: 4 } });
  assert.equal(slider().value, "0");
  const again = [...film.node.querySelectorAll("button")].find((it) => it.title.startsWith("Deal"));
  click(again);
  assert.deepEqual(sent.at(-1), { type: "DealFilm", what: "again" });
});
