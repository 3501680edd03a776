import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

import { FakeModel, click, later, openPage } from "./page.js";
import { codeBar, codeOf, equipCode } from "../../chatwidget/static/src/code.js";
import codeTools from "../../chatwidget/static/src/code_tools.js";
import { copyText, fragment, isOneClick } from "../../chatwidget/static/src/dom.js";
import live from "../../chatwidget/static/src/live.js";
import picker from "../../chatwidget/static/src/picker.js";

let body;
beforeEach(() => {
  body = openPage();
});

// --- dom.js ---

test("HTML becomes nodes", () => {
  const [p] = fragment("<p>a <b>b</b></p>").children;
  assert.equal(p.querySelector("b").textContent, "b");
});

test("the second click of a double click does not count, a key does", () => {
  assert.deepEqual([0, 1, 2].map((detail) => isOneClick({ detail })), [true, true, false]);
});

function clipboard(write) {
  Object.defineProperty(globalThis, "navigator", {
    configurable: true,
    value: { clipboard: { writeText: write } },
  });
}

test("copying is told on the button, also when it was pressed twice", async (context) => {
  const later = [];
  context.mock.method(globalThis, "setTimeout", (call) => later.push(call));
  const copied = [];
  clipboard(async (text) => copied.push(text));
  const node = document.createElement("button");
  node.textContent = "Copy";
  await copyText("a", node);
  await copyText("b", node);
  assert.equal(node.textContent, "Copied");
  later.forEach((call) => call());
  assert.equal(node.textContent, "Copy");
  assert.deepEqual(copied, ["a", "b"]);
});

test("a page that may not copy says so, or selects the text for the person", async () => {
  clipboard(() => Promise.reject(new Error("no")));
  const selected = [];
  globalThis.getSelection = () => ({ selectAllChildren: (node) => selected.push(node) });
  const node = document.createElement("button");
  await copyText("a", node);
  assert.equal(node.textContent, "Not allowed");
  await copyText("a", node, body);
  assert.equal(node.textContent, "Press Ctrl+C");
  assert.deepEqual(selected, [body]);
});

// --- code.js ---

const BLOCK = '<pre class="chatwidget-code" tabindex="0"><code>x = 1\ny\n</code></pre>';

/** A model in a notebook of which the inserted cells are kept. */
function inNotebook(inserted = []) {
  const sharedModel = { cells: [], insertCell: (place, { source }) => inserted.push(source) };
  return new FakeModel({}, { context: { model: { sharedModel } } });
}

test("a block of code has buttons, that for a new cell only in a notebook", () => {
  body.innerHTML = BLOCK;
  const [block] = body.children;
  assert.equal(codeOf(block), "x = 1\ny");
  const labels = (model) => [...codeBar(block, model).children].map((it) => it.textContent);
  assert.deepEqual(labels(new FakeModel()), ["Copy"]);
  assert.deepEqual(labels(inNotebook()), ["Copy", "To a new cell"]);
});

test("blocks are equipped once", () => {
  body.innerHTML = BLOCK + BLOCK;
  const inserted = [];
  equipCode(body, inNotebook(inserted));
  equipCode(body, inNotebook(inserted));
  assert.equal(body.querySelectorAll(".chatwidget-code-bar").length, 2);
  click([...body.querySelectorAll("button")].at(-1));
  assert.deepEqual(inserted, ["x = 1\ny"]);
});

// --- code_tools.js ---

function finished(...blocks) {
  body.innerHTML = `<p id="else"></p><div class="jp-RenderedHTML"><div class="chatwidget-answer">
    ${blocks.join("")}</div></div>`;
  return [...body.querySelectorAll("pre")];
}

function point(node) {
  node.dispatchEvent(new Event("pointerover", { bubbles: true }));
}

function focus(node, isSeen = true) {
  const { matches } = node;
  node.matches = (selector) =>
    selector === ":focus-visible" ? isSeen : matches.call(node, selector);
  node.dispatchEvent(new Event("focusin", { bubbles: true }));
}

const bars = () => [...body.querySelectorAll(".chatwidget-code-bar")];

test("the block under the pointer is equipped, and no other", () => {
  const [first, second] = finished(BLOCK, BLOCK);
  const dispose = codeTools.initialize({ model: inNotebook() });
  assert.equal(bars().length, 0);
  point(first.querySelector("code"));
  point(bars()[0].firstChild); // the pointer goes on to a button
  assert.equal(first.nextElementSibling, bars()[0]);
  point(second);
  assert.deepEqual(bars(), [second.nextElementSibling]);
  point(body.querySelector("#else"));
  assert.equal(bars().length, 0);
  point(first);
  dispose();
  assert.equal(bars().length, 0);
  point(first);
  assert.equal(bars().length, 0);
});

test("the block that has the focus is equipped while that is to be seen", () => {
  const [first, second] = finished(BLOCK, BLOCK);
  codeTools.initialize({ model: inNotebook() });
  focus(first);
  point(second);
  assert.equal(bars().length, 2);
  focus(bars()[0].firstChild);
  point(body.querySelector("#else"));
  assert.deepEqual(bars(), [first.nextElementSibling]);
  focus(second, false);
  assert.equal(bars().length, 0);
});

test("only code of a finished answer is equipped, and by one kernel's tools", () => {
  body.innerHTML = `<div class="chatwidget-answer">${BLOCK}</div>`;
  codeTools.initialize({ model: inNotebook() });
  codeTools.initialize({ model: inNotebook() });
  point(body.querySelector("pre"));
  assert.equal(bars().length, 0);
  const [block] = finished(BLOCK);
  point(block);
  assert.equal(bars().length, 1);
});

// --- picker.js ---

const CHOICES = `<div class="chatwidget-choices chatwidget-turn-a">${[1, 2]
  .map((n) => `<div class="chatwidget-column"><div class="chatwidget-choice">${n}</div></div>`)
  .join("")}</div>`;

const picks = () => [...body.querySelectorAll(".chatwidget-pick")];

/** linkedom's MutationObserver hears of no node inside of an added one: enough is enough. */
function output(html) {
  body.innerHTML = `<div class="jp-OutputArea">${html}</div>`;
}

test("each answer but the chosen one has a button, which is there to be pressed once", async () => {
  output(CHOICES);
  const model = new FakeModel({ place: "chatwidget-turn-a", chosen: 0 });
  const dispose = picker.initialize({ model });
  await later();
  assert.deepEqual(picks().map((it) => it.getAttribute("aria-label")), ["Use choice 2"]);
  assert.equal(body.querySelector(".chatwidget-chosen .chatwidget-mark").textContent, "in use");
  click(picks()[0]);
  assert.ok(picks()[0].disabled);
  assert.deepEqual(model.sent, [{ type: "pick", choice: 1 }]);
  model.set("chosen", 1);
  await later();
  assert.deepEqual(picks().map((it) => it.getAttribute("aria-label")), ["Use choice 1"]);
  assert.equal(body.querySelectorAll(".chatwidget-mark").length, 1);
  dispose();
  assert.equal(picks().length, 0);
  assert.deepEqual(model.listeners, []);
});

test("an answer that comes later than its model is found, and so is one that is drawn anew", async () => {
  output("");
  const model = new FakeModel({ place: "chatwidget-turn-a", chosen: 0 });
  const dispose = picker.initialize({ model });
  await later();
  output(CHOICES);
  await later(80);
  assert.equal(picks().length, 1);
  body.firstChild.innerHTML = CHOICES; // in the same output area
  await later();
  assert.equal(picks().length, 1);
  output(CHOICES); // in another one, as when a cell is moved
  point(body);
  await later();
  assert.equal(picks().length, 1);
  dispose();
});

// --- live.js ---

function liveView(state = {}, manager = undefined) {
  const model = new FakeModel(
    {
      snapshot: { number: 0, parts: [] },
      label: "model · server",
      interrupts: false,
      running: true,
      asks: false,
      approval_id: "",
      ...state,
    },
    manager,
  );
  output("<p></p>");
  const el = body.querySelector("p");
  return { model, el, dispose: live.render({ model, el }) };
}

const named = (el, name) => [...el.querySelectorAll("button")].find((it) => it.textContent === name);

test("a view says that it is ready, grows, and stops when it is told to", () => {
  const { model, el, dispose } = liveView();
  assert.deepEqual(model.sent, [{ type: "ready" }]);
  const part = { round: 0, choice: 0, kind: "content" };
  const parts = [{ part, start: 0, settled: ["<p>Hi</p>"], keep: 0, add: "" }];
  model.hear("msg:custom", { type: "frame", number: 1, parts });
  assert.equal(el.querySelector(".chatwidget-content").textContent, "Hi");
  assert.equal(el.querySelector(".chatwidget-label").textContent, "model · server");
  model.set("label", "Waiting.");
  assert.equal(el.querySelector(".chatwidget-label").textContent, "Waiting.");
  click(named(el, "Stop"), 2);
  click(named(el, "Stop"));
  assert.deepEqual(model.sent.slice(1), [{ type: "stop" }]);
  model.set("running", false);
  assert.ok(el.querySelector(".chatwidget-status").hidden);
  dispose();
  assert.deepEqual(model.listeners, []);
});

test("a stop interrupts the kernel of a cell that waits, where that is possible", () => {
  let interrupts = 0;
  const kernel = { interrupt: () => interrupts++ };
  const { el, dispose } = liveView({ interrupts: true }, { kernel });
  click(named(el, "Stop"));
  assert.equal(interrupts, 1);
  dispose();
  const other = liveView({ interrupts: true });
  assert.ok(named(other.el, "Stop").hidden);
  other.dispose();
});

test("a decision is sent under its approval id, once", () => {
  const { model, el, dispose } = liveView();
  const group = el.querySelector(".chatwidget-decisions");
  assert.ok(group.hidden);
  model.set("approval_id", "t");
  assert.ok(!group.hidden);
  click(named(el, "Always"), 2);
  click(named(el, "Always"));
  assert.ok(group.hidden);
  assert.deepEqual(model.sent.slice(1), [{ type: "decide", approval_id: "t", decision: "always" }]);
  dispose();
});

test("without an approval id a decision goes into the field where the kernel waits for a line", async () => {
  const { model, el, dispose } = liveView();
  model.set("asks", true);
  const group = el.querySelector(".chatwidget-decisions");
  assert.ok(group.hidden);
  const lines = [];
  const field = document.createElement("input");
  field.className = "jp-Stdin-input";
  field.addEventListener("keydown", ({ key }) => lines.push([key, field.value]));
  body.firstChild.append(field);
  await later();
  assert.ok(!group.hidden);
  click(named(el, "No"));
  assert.deepEqual(lines, [["Enter", "no"]]);
  assert.ok(group.hidden);
  dispose();
});
