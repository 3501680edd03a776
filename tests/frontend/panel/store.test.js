import assert from "node:assert/strict";
import { test } from "node:test";

import { Store, isSame } from "../../../chatwidget/static/src/panel/store.js";

function turn(id, fields = {}) {
  return { id, prompt: id, parts: [], running: false, ...fields };
}

function snapshot(number, fields = {}) {
  const state = { system: "", running: "", parameters: {}, ...fields.state };
  return { type: "Snapshot", number, state, order: [], turns: [], growing: [], ...fields, state };
}

function opened(...turns) {
  const sent = [];
  const store = new Store((action) => sent.push(action), "view");
  store.hello();
  const order = turns.map(({ id }) => id);
  store.take(snapshot(4, { order, turns }));
  sent.length = 0;
  return { store, sent };
}

test("a view says that it is there, and that it leaves", () => {
  const sent = [];
  const store = new Store((action) => sent.push(action), "view");
  store.hello();
  store.leave();
  assert.deepEqual(sent, [
    { type: "Ready", view: "view" },
    { type: "Leave", view: "view" },
  ]);
});

test("nothing is sent to a kernel that is not there", () => {
  const { store, sent } = opened();
  store.isMuted = true;
  store.send({ type: "Stop" });
  assert.deepEqual(sent, []);
});

test("who watches fields hears of them now, and when one of them changes", () => {
  const { store } = opened();
  const heard = [];
  const release = store.watch(["system", "draft"], ({ system }) => heard.push(system));
  store.take({ type: "StateMessage", number: 5, fields: { system: "Be brief." } });
  store.take({ type: "StateMessage", number: 6, fields: { running: "t1" } });
  release();
  store.take({ type: "StateMessage", number: 7, fields: { system: "Be long." } });
  assert.deepEqual(heard, ["", "Be brief."]);
});

test("parameters come as far as they have changed", () => {
  const { store } = opened();
  const parameters = (names) => ({ parameters: Object.fromEntries(names.map((it) => [it, it])) });
  store.take({ type: "StateMessage", number: 5, fields: parameters(["seed", "n"]) });
  store.take({ type: "StateMessage", number: 6, fields: { parameters: { n: "other" } } });
  assert.deepEqual(store.state.parameters, { seed: "seed", n: "other" });
});

test("turns come, change and go", () => {
  const { store } = opened(turn("t1"), turn("t2"));
  const heard = [];
  store.on("turns", (order, changed) => heard.push([order, changed.map(({ id }) => id)]));
  store.take({ type: "TurnsMessage", number: 5, order: ["t1", "t3"], turns: [turn("t3")] });
  assert.deepEqual(heard, [[["t1", "t3"], ["t3"]]]);
  assert.deepEqual([...store.turns.keys()], ["t1", "t3"]);
});

test("a growing answer is handed on", () => {
  const { store } = opened(turn("t1", { running: true }));
  const heard = [];
  store.on("parts", (...said) => heard.push(said));
  store.take({ type: "FrameMessage", number: 5, turn: "t1", parts: ["some"] });
  assert.deepEqual(heard, [["t1", ["some"], false]]);
});

test("a message that was missed is made up for, once", () => {
  const { store, sent } = opened(turn("t1", { running: true }));
  const heard = [];
  store.on("parts", (...said) => heard.push(said));
  store.take({ type: "FrameMessage", number: 6, turn: "t1", parts: ["later"] });
  store.take({ type: "FrameMessage", number: 7, turn: "t1", parts: ["later still"] });
  assert.deepEqual(sent, [{ type: "Ready", view: "view" }]);
  assert.deepEqual(heard, []);
  const turns = [turn("t1", { running: true })];
  store.take(snapshot(7, { order: ["t1"], turns, growing: ["all"] }));
  assert.deepEqual(heard, [["t1", ["all"], true]]);
  store.take({ type: "FrameMessage", number: 8, turn: "t1", parts: ["more"] });
  assert.equal(heard.length, 2);
});

test("a message that is older than what is shown changes nothing", () => {
  const { store, sent } = opened();
  store.take({ type: "StateMessage", number: 4, fields: { system: "old" } });
  assert.equal(store.state.system, "");
  assert.deepEqual(sent, []);
});

test("a snapshot that another view has asked for draws nothing anew", () => {
  const { store } = opened(turn("t1"));
  const heard = [];
  store.on("turns", () => heard.push("turns"));
  store.watch(["system"], ({ system }) => heard.push(system));
  store.take(snapshot(4, { order: ["t1"], turns: [turn("t1")] }));
  assert.deepEqual(heard, [""]);
});

test("a snapshot draws only what differs", () => {
  const { store } = opened(turn("t1"), turn("t2"));
  const heard = [];
  store.on("turns", (_, changed) => heard.push(changed.map(({ id }) => id)));
  store.watch(["draft"], () => heard.push("draft"));
  const turns = [turn("t1"), turn("t2", { notice: "Stopped" })];
  store.hello();
  store.take(snapshot(9, { order: ["t1", "t2"], turns }));
  assert.deepEqual(heard, ["draft", ["t2"]]);
});

test("a question that was taken or not is told", () => {
  const { store } = opened();
  const heard = [];
  store.on("answered", (problem) => heard.push(problem));
  store.take({ type: "Answered", problem: "" });
  store.take({ type: "Answered", problem: "No model is chosen." });
  assert.deepEqual(heard, ["", "No model is chosen."]);
});

test("values are compared by what they say", () => {
  assert.ok(isSame({ a: [1, { b: null }] }, { a: [1, { b: null }] }));
  assert.ok(!isSame({ a: 1 }, { a: 2 }));
});
