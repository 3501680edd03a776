import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

import { Sight, openPage } from "./page.js";
import { Answer, Ordered, Typesetter, compareKeys } from "../../chatwidget/static/src/answer.js";

beforeEach(() => openPage());

const key = (kind = "content", choice = 0, round = 0) => ({ round, choice, kind });

function change(settled = [], add = "", { part = key(), start = 0, keep = 0 } = {}) {
  return { part, start, settled, keep, add };
}

function textOf(answer) {
  return answer.node.textContent.replaceAll("Reasoning", "");
}

test("blocks are settled once and the open end is drawn anew", () => {
  const answer = new Answer(null);
  assert.ok(answer.take({ number: 1, parts: [change([], "<p>Hel</p>")] }));
  assert.ok(answer.take({ number: 2, parts: [change([], "lo</p>", { keep: 6 })] }));
  assert.equal(answer.node.querySelector(".chatwidget-tail").innerHTML, "<p>Hello</p>");
  const [first] = [change(["<p>Hello</p>\n"], "<p>Mo</p>")];
  assert.ok(answer.take({ number: 3, parts: [first] }));
  const settled = answer.node.querySelector(".chatwidget-content > p");
  assert.ok(answer.take({ number: 4, parts: [change([], "re</p>", { start: 1, keep: 5 })] }));
  assert.equal(answer.node.querySelector(".chatwidget-content > p"), settled);
  assert.equal(textOf(answer), "HelloMore");
});

test("a message after one that was missed is not applied, and a snapshot catches up", () => {
  const answer = new Answer(null);
  answer.take({ number: 1, parts: [change(["<p>one</p>"])] });
  assert.ok(!answer.take({ number: 3, parts: [change(["<p>three</p>"], "", { start: 2 })] }));
  assert.equal(textOf(answer), "one");
  answer.catchUp({ number: 3, parts: [change(["<p>1</p>", "<p>2</p>", "<p>3</p>"])] });
  assert.equal(textOf(answer), "123");
  assert.ok(answer.take({ number: 4, parts: [change([], "<p>4</p>", { start: 3 })] }));
  assert.equal(textOf(answer), "1234");
});

test("a snapshot that is older than what is shown changes nothing", () => {
  const answer = new Answer(null);
  answer.catchUp({ number: 5, parts: [change(["<p>five</p>"])] });
  answer.catchUp({ number: 4, parts: [change(["<p>four</p>"])] });
  answer.catchUp({ number: 5, parts: [] });
  assert.equal(textOf(answer), "five");
});

test("a message is applied as a whole or not at all", () => {
  const answer = new Answer(null);
  const misfit = change(["<p>b</p>"], "", { part: key("refusal"), start: 3 });
  assert.ok(!answer.take({ number: 1, parts: [change(["<p>a</p>"]), misfit] }));
  assert.equal(textOf(answer), "");
  assert.ok(answer.take({ number: 1, parts: [change(["<p>a</p>"])] }));
});

test("a cut in the open end beyond its length does not fit", () => {
  const answer = new Answer(null);
  assert.ok(!answer.grow([change([], "x", { keep: 1 })]));
});

test("parts stand in their order however they come", () => {
  const answer = new Answer(null);
  const keys = [
    key("content", 0, 10),
    key("end"),
    key("content", 0, 2),
    key("heading"),
    key("tools"),
    key("content"),
    key("reasoning"),
    key("refusal"),
  ];
  for (const part of keys) {
    answer.grow([change([`<p>${part.kind}${part.round} </p>`], "", { part })]);
  }
  const expected = ["heading0", "reasoning0", "content0", "refusal0", "tools0", "end0"];
  assert.deepEqual(textOf(answer).split(" ").filter(Boolean), [
    ...expected,
    "content2",
    "content10",
  ]);
});

test("choices stand in columns by their number, and one alone in none", () => {
  const answer = new Answer(null);
  answer.grow([change(["<p>b</p>"], "", { part: key("content", 1) })]);
  assert.ok(!answer.node.classList.contains("chatwidget-choices"));
  answer.grow([change(["<p>k</p>"], "", { part: key("content", 10) })]);
  answer.grow([change(["<p>a</p>"], "", { part: key("content", 0) })]);
  assert.ok(answer.node.classList.contains("chatwidget-choices"));
  assert.equal(textOf(answer), "abk");
  assert.deepEqual([...answer.columns.keys()].sort((a, b) => a - b), [0, 1, 10]);
});

test("reasoning folds when its own text begins", () => {
  const answer = new Answer(null);
  const folds = (choice) =>
    answer.column(choice).node.querySelector("details").getAttribute("open") === null;
  for (const choice of [0, 1]) {
    answer.grow([change(["<p>hm</p>"], "", { part: key("reasoning", choice) })]);
  }
  answer.column(0).node.querySelector("details").setAttribute("open", "");
  answer.grow([change(["<p>so</p>"], "", { part: key("content", 0) })]);
  assert.ok(folds(0));
  assert.ok(answer.part(key("reasoning", 0)).node.querySelector("summary"));
});

test("a choice that has ended is marked, and no other", () => {
  const answer = new Answer(null);
  for (const part of [key("content", 0), key("content", 1), key("end", 1)]) {
    answer.grow([change([], "<p>text</p>", { part })]);
  }
  const columns = [...answer.node.querySelectorAll(".chatwidget-column")];
  const marked = columns.map((column) => column.classList.contains("chatwidget-ended"));
  assert.deepEqual(marked, [false, true]);
});

test("resetting a part keeps its summary and its open end", () => {
  const answer = new Answer(null);
  const part = answer.part(key("reasoning"));
  part.apply(change(["<p>a</p>", "<p>b</p>"], "<p>c</p>"));
  part.reset();
  assert.deepEqual([...part.node.children].map((it) => it.localName), ["summary", "div"]);
  assert.ok(part.fits(change()));
});

test("a block that was cut for its length goes on in the one before", () => {
  const answer = new Answer(null);
  const cut = [
    '<pre class="chatwidget-code" tabindex="0"><code>a\n</code></pre>\n',
    '<pre class="chatwidget-code chatwidget-continued"><code>b\n</code></pre>\n',
    "<ul>\n<li>one</li>\n</ul>\n",
    '<ul class="chatwidget-continued">\n<li>two</li>\n</ul>\n',
  ];
  answer.grow([change(cut)]);
  assert.equal(answer.node.querySelectorAll("pre").length, 1);
  assert.equal(answer.node.querySelector("code").textContent, "a\nb\n");
  assert.equal(answer.node.querySelectorAll("ul > li").length, 2);
  assert.equal(answer.node.querySelectorAll("ul").length, 1);
});

test("an answer is a log by itself, and none within a log", () => {
  assert.equal(new Answer(null).node.getAttribute("role"), "log");
  assert.equal(new Answer(null, { isLog: false }).node.getAttribute("role"), null);
});

test("keys are compared by round, choice and kind", () => {
  assert.ok(compareKeys(key("end", 5, 0), key("heading", 0, 1)) < 0);
  assert.ok(compareKeys(key("end", 2), key("heading", 10)) < 0);
  assert.ok(compareKeys(key("content"), key("reasoning")) > 0);
  assert.equal(compareKeys(key(), key()), 0);
});

test("what is inserted with the same key stands behind", () => {
  const ordered = new Ordered(document.createElement("div"), (one, other) => one - other);
  for (const [order, text] of [[2, "c"], [1, "a"], [1, "b"]]) {
    const child = document.createElement("i");
    child.textContent = text;
    ordered.insert(order, child);
  }
  assert.deepEqual(ordered.keys, [1, 1, 2]);
});

// --- formulas ---

function typesetting() {
  const seen = [];
  const host = { typeset: (node) => seen.push(node.textContent) };
  const model = { widget_manager: { rendermime: { latexTypesetter: host } } };
  return [new Typesetter(model), seen];
}

const formula = (text) => `<p><span class="chatwidget-math">${text}</span></p>`;

test("formulas are typeset when they are in sight, and never twice", () => {
  const [typesetter, seen] = typesetting();
  const answer = new Answer(typesetter);
  answer.grow([change([formula("x"), formula("y")], formula("open"))]);
  const [sight] = Sight.all;
  const [x, y] = [...sight.watched];
  assert.equal(sight.watched.size, 2); // not the one in the open end
  sight.show(x);
  assert.deepEqual(seen, ["x"]);
  assert.ok(!sight.watched.has(x) && sight.watched.has(y));
  assert.equal(typesetter.texts.get(x), "x");
  typesetter.dispose();
  assert.equal(sight.watched.size, 0);
});

test("an answer with few formulas is seen as one, with many each is", () => {
  const [typesetter, seen] = typesetting();
  const few = document.createElement("div");
  few.innerHTML = formula("x") + formula("y");
  typesetter.watchWhole(few);
  const [sight] = Sight.all;
  assert.deepEqual([...sight.watched], [few]);
  sight.show(few);
  assert.deepEqual(seen, ["x", "y"]);
  const many = document.createElement("div");
  many.innerHTML = formula("z").repeat(9);
  typesetter.watchWhole(many);
  assert.equal(sight.watched.size, 9);
  const none = document.createElement("div");
  typesetter.watchWhole(none);
  assert.ok(!sight.watched.has(none));
});

test("without a typesetter of the host formulas stay as they are", () => {
  const typesetter = new Typesetter({});
  const answer = new Answer(typesetter);
  answer.grow([change([formula("x")])]);
  assert.equal(Sight.all.length, 0);
  typesetter.watchWhole(answer.node);
  typesetter.dispose();
});
