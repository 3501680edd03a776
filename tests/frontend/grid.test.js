import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

import { FakeModel, click, later, openPage } from "./page.js";
import grid from "../../chatwidget/static/src/grid.js";

let body;
let waiting = 0; // frames of the page
beforeEach(() => {
  body = openPage();
  waiting = 0;
  globalThis.requestAnimationFrame = (call) => {
    waiting += 1;
    return setTimeout(() => {
      waiting -= 1;
      call();
    });
  };
});

const HEAD = {
  title: "study",
  labels: ["t 0 · p 0", "t 1 · p 0", "t 0 · p 1", "t 1 · p 1"],
  columns: ["t 0", "t 1"],
  rows: ["p 0", "p 1"],
  places: [
    [0, 0],
    [0, 1],
    [1, 0],
    [1, 1],
  ],
  acts: true,
  uses: true,
  scored: false,
};
const SNAPSHOT = {
  number: 0,
  head: HEAD,
  tails: [],
  cells: [],
  progress: "",
  share: 0,
  order: [0, 1, 2, 3],
  sort: "asked",
  having: "",
  pinned: null,
};

function cellState(cell, kinds, values = {}) {
  const order = kinds.map((_, place) => place);
  return { cell, said: "", unseen: "", kinds, order, others: 0, failed: 0, ...values };
}

function opened(snapshot = SNAPSHOT) {
  const model = new FakeModel({ snapshot, running: true, place: "place" });
  const el = document.createElement("div");
  body.append(el);
  const dispose = grid.render({ model, el });
  model.sent = [];
  const cells = () => [...el.querySelectorAll("[role=gridcell]")];
  let number = 0;
  const frame = (values) => {
    number += 1;
    const rest = { tails: [], cells: [], progress: "", share: 0 };
    model.hear("msg:custom", { type: "frame", number, ...rest, ...values });
  };
  return { model, el, cells, frame, dispose };
}

/** Wait until all that has changed is drawn, which may take several frames. */
async function drawn() {
  do {
    await later();
  } while (waiting > 0);
}

function press(node, key, values = {}) {
  const event = new KeyboardEvent("keydown", { bubbles: true, key });
  node.dispatchEvent(Object.assign(event, values));
}

test("cells stand along the axes, under their headings", async () => {
  const { el, cells } = opened();
  await drawn();
  const rows = [...el.querySelectorAll("[role=row]")];
  assert.equal(rows.length, 3);
  assert.deepEqual(
    [...el.querySelectorAll("[role=rowheader]")].map((it) => it.textContent),
    ["p 0", "p 1"],
  );
  assert.equal(cells()[3].getAttribute("aria-label"), "t 1 · p 1");
});

test("what is written in a cell grows, and gives way to the answers", async () => {
  const { cells, frame } = opened();
  frame({ tails: [[1, true, "Hel"]] });
  frame({ tails: [[1, false, "lo"]] });
  await drawn();
  assert.equal(cells()[1].querySelector(".chatwidget-grid-text").textContent, "Hello");
  const kinds = [{ count: 1, pieces: [["Hello!", false]] }];
  frame({ tails: [[1, true, ""]], cells: [cellState(1, kinds, { said: "1 answer" })] });
  await drawn();
  assert.equal(cells()[1].querySelector(".chatwidget-grid-text").textContent, "Hello!");
  assert.equal(cells()[1].getAttribute("aria-label"), "t 1 · p 0: 1 answer");
});

test("what is written out of sight is drawn when it comes into sight, or is complete", async () => {
  const { cells, frame } = opened();
  await drawn();
  const text = () => cells()[1].querySelector(".chatwidget-grid-text").textContent;
  const sight = (skipped) => {
    const event = new Event("contentvisibilityautostatechange");
    cells()[1].dispatchEvent(Object.assign(event, { skipped }));
  };
  sight(true);
  frame({ tails: [[1, true, "Hel"]] });
  await drawn();
  assert.equal(text(), "");
  sight(false);
  await drawn();
  assert.equal(text(), "Hel");
  sight(true);
  const kinds = [{ count: 1, pieces: [["Hello!", false]] }];
  frame({ tails: [[1, true, ""]], cells: [cellState(1, kinds)] });
  await drawn();
  assert.equal(text(), "Hello!");
});

test("many cells that change at once are drawn in several frames", async () => {
  const many = [...Array(40).keys()];
  const head = { ...HEAD, labels: many.map(String), places: [], columns: [], rows: [] };
  const { cells, frame } = opened({ ...SNAPSHOT, head, order: many });
  await drawn();
  let frames = 0;
  const { requestAnimationFrame } = globalThis;
  globalThis.requestAnimationFrame = (call) => requestAnimationFrame(() => call((frames += 1)));
  frame({ tails: many.map((number) => [number, true, "Hi"]) });
  await drawn();
  assert.ok(frames >= 4);
  const texts = cells().map((it) => it.querySelector(".chatwidget-grid-text").textContent);
  assert.deepEqual(texts, many.map(() => "Hi"));
});

test("an answer that is written is cut to its end", async () => {
  const { cells, frame } = opened();
  frame({ tails: [[0, true, "x".repeat(500) + "end"]] });
  await drawn();
  const text = cells()[0].querySelector(".chatwidget-grid-text").textContent;
  assert.equal(text.length, 280);
  assert.ok(text.endsWith("end"));
});

test("markup of a model is text", async () => {
  const { cells, frame } = opened();
  const hostile = "<img src=x onerror=alert(1)>";
  frame({ cells: [cellState(0, [{ count: 1, pieces: [[hostile, true]] }])] });
  frame({ tails: [[1, true, hostile]] });
  await drawn();
  assert.equal(cells()[0].querySelector("mark").textContent, hostile);
  assert.equal(cells()[0].querySelector("img"), null);
  assert.equal(cells()[1].querySelector("img"), null);
});

test("a text is sent once, and counts go on", async () => {
  const { cells, frame } = opened();
  frame({ cells: [cellState(0, [{ count: 1, pieces: [["a", false]] }])] });
  frame({ cells: [cellState(0, [{ count: 2 }, { count: 1, pieces: [["b", false]] }])] });
  await drawn();
  assert.equal(cells()[0].querySelector(".chatwidget-grid-text").textContent, "a");
  assert.equal(cells()[0].querySelector(".chatwidget-grid-place").textContent, "1/2");
});

test("arrows turn to the other answers of a cell, round and round", async () => {
  const { cells, frame, model } = opened();
  const kinds = ["a", "b"].map((text) => ({ count: 1, pieces: [[text, false]] }));
  frame({ cells: [cellState(0, kinds)] });
  await drawn();
  const text = () => cells()[0].querySelector(".chatwidget-grid-text").textContent;
  const [before, after] = cells()[0].querySelectorAll("button");
  click(after);
  await drawn();
  assert.equal(text(), "b");
  click(after);
  await drawn();
  assert.equal(text(), "a");
  click(before);
  await drawn();
  assert.equal(text(), "b");
  press(cells()[0], "ArrowRight", { shiftKey: true });
  await drawn();
  assert.equal(text(), "a");
  assert.deepEqual(model.sent, [], "a click on an arrow opens nothing");
});

test("one cell is reached by Tab, and arrows go on from it", () => {
  const { cells } = opened();
  const reached = () => cells().map((it) => Number(it.getAttribute("tabindex")));
  assert.deepEqual(reached(), [0, -1, -1, -1]);
  press(cells()[0], "ArrowDown");
  assert.deepEqual(reached(), [-1, -1, 0, -1]);
  press(cells()[2], "ArrowRight");
  press(cells()[3], "ArrowRight");
  assert.deepEqual(reached(), [-1, -1, -1, 0]);
  press(cells()[3], "Home");
  assert.deepEqual(reached(), [0, -1, -1, -1]);
});

test("cells in another order follow each other", () => {
  const { cells, model } = opened({ ...SNAPSHOT, sort: "same", order: [3, 1] });
  assert.deepEqual(
    cells().map((it) => it.closest("[role=row]").children.length),
    [1, 1],
  );
  model.hear("msg:custom", { type: "arranged", order: [1], pinned: null });
  assert.equal(cells().length, 1);
});

test("a missed frame asks for all of it", () => {
  const { model } = opened();
  const frame = { type: "frame", number: 2, tails: [], cells: [], progress: "", share: 0 };
  model.hear("msg:custom", frame);
  model.hear("msg:custom", { ...frame, number: 3 });
  assert.deepEqual(model.sent, [{ type: "ready" }]); // once, however long the kernel is busy
  model.set("snapshot", { ...SNAPSHOT, number: 3 });
  model.hear("msg:custom", { ...frame, number: 5 });
  assert.equal(model.sent.length, 2);
});

test("an opened cell shows what it has, and then all of it", async () => {
  const { cells, el, frame, model } = opened();
  frame({ cells: [cellState(2, [{ count: 1, pieces: [["begin…", false]] }])] });
  await drawn();
  press(cells()[0], "ArrowDown");
  press(cells()[2], "Enter");
  const detail = el.querySelector(".chatwidget-grid-detail");
  assert.equal(detail.hidden, false);
  assert.match(detail.textContent, /begin…/);
  assert.deepEqual(model.sent, [{ type: "open", cell: 2, kind: 0 }]);
  const rest = { pinned: "", pinned_label: "", facts: "3 tokens" };
  model.hear("msg:custom", { type: "opened", cell: 2, kind: 0, html: "<p>all</p>", ...rest });
  assert.match(detail.textContent, /all.*3 tokens/);
  model.hear("msg:custom", { type: "opened", cell: 1, kind: 0, html: "<p>late</p>", ...rest });
  assert.doesNotMatch(detail.textContent, /late/);
  press(detail, "Escape");
  assert.equal(detail.hidden, true);
});

test("a grid that has ended is drawn in the place that is kept for it, and goes with it", async () => {
  body.innerHTML = '<div class="jp-OutputArea"><div class="place"></div></div>';
  const model = new FakeModel({ snapshot: SNAPSHOT, running: false, place: "place" });
  const dispose = grid.initialize({ model });
  assert.equal(body.querySelectorAll("[role=gridcell]").length, 4);
  assert.ok(model.listeners.length > 1);
  dispose();
  assert.equal(body.querySelectorAll("[role=gridcell]").length, 0);
  assert.deepEqual(model.listeners, []);
});

const KINDS = ["a", "b"].map((text) => ({ count: 1, pieces: [[text, false]] }));
const OPENED = { type: "opened", html: "<p>a</p>", pinned: "", pinned_label: "", facts: "" };

function judging(kinds = KINDS, head = HEAD) {
  const grid = opened({ ...SNAPSHOT, head });
  grid.frame({ cells: [cellState(0, kinds)] });
  press(grid.cells()[0], "Enter");
  grid.model.hear("msg:custom", { ...OPENED, cell: 0, kind: 0, note: "before" });
  grid.model.sent = [];
  const [up, down] = grid.el.querySelectorAll(".chatwidget-grid-thumb");
  return { ...grid, up, down, note: grid.el.querySelector("textarea") };
}

test("a thumb is sent, shown as pressed when it is kept, and taken away by itself", async () => {
  const { model, up, down, cells, frame } = judging();
  click(up);
  assert.deepEqual(model.sent.pop(), { type: "thumb", cell: 0, kind: 0, thumb: true });
  assert.equal(up.getAttribute("aria-pressed"), "false");
  frame({ cells: [cellState(0, [{ count: 1, thumb: true, noted: true }, { count: 1 }])] });
  await drawn();
  assert.equal(up.getAttribute("aria-pressed"), "true");
  assert.equal(down.getAttribute("aria-pressed"), "false");
  assert.match(cells()[0].getAttribute("aria-label"), /thumb up, with a note/);
  assert.equal(cells()[0].querySelectorAll(".chatwidget-grid-judged svg").length, 2);
  click(up);
  assert.deepEqual(model.sent.pop(), { type: "thumb", cell: 0, kind: 0, thumb: null });
  click(down);
  assert.deepEqual(model.sent.pop(), { type: "thumb", cell: 0, kind: 0, thumb: false });
});

test("where only some equal answers have a thumb, it is for all of them with one click", () => {
  const { model, up } = judging([{ ...KINDS[0], count: 3, thumb: true, partly: true }]);
  assert.equal(up.getAttribute("aria-pressed"), "mixed");
  click(up);
  assert.deepEqual(model.sent.pop(), { type: "thumb", cell: 0, kind: 0, thumb: true });
});

test("thumbs and notes are given by the keyboard, in the table and in the opened answer", () => {
  const { model, el, cells, note } = judging();
  const detail = el.querySelector(".chatwidget-grid-detail");
  press(detail, "-");
  assert.deepEqual(model.sent.pop(), { type: "thumb", cell: 0, kind: 0, thumb: false });
  press(cells()[0], "+");
  assert.deepEqual(model.sent.pop(), { type: "thumb", cell: 0, kind: 0, thumb: true });
  let focused = 0;
  note.focus = () => (focused += 1);
  press(detail, "n");
  assert.equal(focused, 1);
  press(note, "+"); // what is typed into a note is its text
  assert.deepEqual(model.sent, []);
});

test("a note that is asked for before the answer is there is written when it is", () => {
  const { model, cells, note } = judging();
  let focused = 0;
  note.focus = () => (focused += !note.disabled);
  press(cells()[0], "n");
  assert.equal(focused, 0);
  model.hear("msg:custom", { ...OPENED, cell: 0, kind: 0, note: "" });
  assert.equal(focused, 1);
});

test("a note is kept when a person has left it, for the answer that it was typed on", () => {
  const { model, el, note } = judging();
  assert.equal(note.value, "before");
  note.value = "good";
  note.dispatchEvent(new Event("input", { bubbles: true }));
  model.hear("msg:custom", { ...OPENED, cell: 0, kind: 0, note: "before" });
  assert.equal(note.value, "good", "what is being typed stays");
  note.dispatchEvent(new Event("blur"));
  assert.deepEqual(model.sent.pop(), { type: "note", cell: 0, kind: 0, note: "good" });
  note.value = "better";
  press(el.querySelector(".chatwidget-grid-detail"), "ArrowRight");
  const sent = model.sent.filter(({ type }) => type === "note");
  assert.deepEqual(sent, [{ type: "note", cell: 0, kind: 0, note: "better" }]);
  assert.equal(note.value, "");
});

test("a note is text, whatever stands in it", () => {
  const { model, note } = judging();
  model.hear("msg:custom", { ...OPENED, cell: 0, kind: 0, note: "<img src=x onerror=alert(1)>" });
  assert.equal(note.value, "<img src=x onerror=alert(1)>");
  assert.equal(document.querySelector("img"), null);
});

test("where nothing can be kept there are no thumbs and no note", () => {
  const { model, up, note, cells } = judging(KINDS, { ...HEAD, acts: false });
  assert.equal(up.hidden, true);
  assert.equal(note.closest("label").hidden, true);
  press(cells()[0], "+");
  assert.deepEqual(model.sent, []);
});

test("a pinned cell says so, behind its setting where that is seen", async () => {
  const { model, cells } = opened();
  model.hear("msg:custom", { type: "arranged", order: [0, 1, 2, 3], pinned: 1 });
  await drawn();
  const [setting, marks] = cells()[1].querySelector(".chatwidget-grid-label").children;
  assert.equal(marks.textContent, "pinned");
  assert.equal(setting.className, "chatwidget-grid-setting"); // hidden along axes, with its dot
  assert.equal(setting.textContent, "t 1 · p 0 · ");
  model.hear("msg:custom", { type: "arranged", order: [0, 1, 2, 3], pinned: null });
  await drawn();
  assert.equal(cells()[1].querySelector(".chatwidget-grid-label").textContent, "t 1 · p 0");
});

test("a study without settings has no dot before what is pinned", async () => {
  const { model, cells } = opened({ ...SNAPSHOT, head: { ...HEAD, labels: ["", "", "", ""] } });
  model.hear("msg:custom", { type: "arranged", order: [0], pinned: 0 });
  await drawn();
  assert.equal(cells()[0].querySelector(".chatwidget-grid-label").textContent, "pinned");
});

test("after a restart of the kernel one can look, and is told how to go on", () => {
  const kernel = { status: "idle", connectionStatus: "connected", slots: [] };
  const signal = {
    connect: (slot) => kernel.slots.push(slot),
    disconnect: (slot) => kernel.slots.splice(kernel.slots.indexOf(slot), 1),
  };
  Object.assign(kernel, { statusChanged: signal, connectionStatusChanged: signal });
  const model = new FakeModel({ snapshot: SNAPSHOT, running: false, place: "place" }, { kernel });
  const el = document.createElement("div");
  body.append(el);
  const dispose = grid.render({ model, el });
  const kinds = [{ count: 2, pieces: [["begin", false]] }];
  model.hear("msg:custom", {
    type: "frame", number: 1, tails: [], cells: [cellState(0, kinds)], progress: "", share: 1,
  });
  model.sent = [];
  model.send = () => {
    throw new Error("Cannot send");
  };
  kernel.status = "restarting";
  kernel.slots.forEach((slot) => slot());
  kernel.status = "idle";
  kernel.slots.forEach((slot) => slot());
  assert.match(el.querySelector("[role=status]").textContent, /restarted: run this cell again/);
  press(el.querySelector("[role=gridcell]"), "Enter");
  const detail = el.querySelector(".chatwidget-grid-detail");
  assert.match(detail.textContent, /begin/);
  const seen = [...detail.querySelectorAll("button")].filter((it) => !it.hidden && !it.parentNode.hidden);
  assert.deepEqual(seen.map((it) => it.textContent), ["Close"]);
  press(detail, "+");
  press(detail, "n");
  dispose();
  assert.deepEqual(kernel.slots, []);
  model.comm_live = false;
  const again = document.createElement("div"); // as when the cell is moved
  grid.render({ model, el: again });
  assert.match(again.querySelector("[role=status]").textContent, /restarted/);
});

test("a snapshot is for those who have missed something: others keep what they have", async () => {
  const { model, cells, frame } = opened();
  frame({ tails: [[0, true, "Hi"]] });
  await drawn();
  const [node] = cells();
  model.set("snapshot", { ...SNAPSHOT, number: 1, tails: [[0, true, "Hi"]] });
  assert.equal(cells()[0], node);
  model.set("snapshot", { ...SNAPSHOT, number: 4, tails: [[0, true, "Hi there"]] });
  await drawn();
  assert.equal(cells()[0].querySelector(".chatwidget-grid-text").textContent, "Hi there");
});
