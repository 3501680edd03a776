import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

import { dispatch, emptyState, openPage, turnState } from "./page.js";

const SOURCES = "../../../chatwidget/static/src/panel";
const load = (name) => import(`${SOURCES}/${name}.js`);

let body;
let store;
let sent;

beforeEach(async () => {
  body = openPage();
  const { Store } = await load("store");
  sent = [];
  store = new Store((action) => sent.push(action), "view");
  store.change(emptyState());
});

async function picklist(options = {}) {
  const { Picklist } = await load("picklist");
  const picked = [];
  const list = new Picklist({
    label: "Model",
    placeholder: "",
    nothing: "Nothing.",
    onPick: (value) => picked.push(value),
    ...options,
  });
  body.append(list.field, list.list, list.none);
  const type = (text) => {
    list.field.value = text;
    dispatch(list.field, "input");
  };
  const press = (key) => dispatch(list.field, "keydown", { key });
  const offered = () => [...list.list.children].map((node) => node.dataset.value);
  return { list, picked, type, press, offered };
}

test("what is typed is found, and Enter takes the best of it", async () => {
  const { list, picked, type, press, offered } = await picklist();
  list.setItems([{ value: "small" }, { value: "large" }, { value: "larger" }], "small");
  assert.deepEqual(offered(), ["small", "large", "larger"]);
  assert.equal(list.list.children[0].getAttribute("aria-selected"), "true");
  press("Enter");
  assert.deepEqual(picked, []);
  type("lar");
  assert.deepEqual(offered(), ["large", "larger"]);
  assert.equal(list.field.getAttribute("aria-activedescendant"), list.list.children[0].id);
  press("ArrowDown");
  press("Enter");
  assert.deepEqual(picked, ["larger"]);
  assert.equal(list.field.value, "");
});

test("arrow keys go round, and Escape empties the field first", async () => {
  const { list, press, type } = await picklist();
  list.setItems([{ value: "a" }, { value: "b" }, { value: "c" }]);
  press("ArrowUp");
  assert.equal(list.active, 2);
  press("ArrowDown");
  assert.equal(list.active, 0);
  type("b");
  press("Escape");
  assert.equal(list.field.value, "");
});

test("a name that is not listed may be taken, where any may", async () => {
  const { list, picked, type, press, offered } = await picklist({ takesAny: true });
  list.setItems([{ value: "large" }]);
  type("my-own");
  assert.deepEqual(offered(), ["my-own"]);
  press("Enter");
  type("large");
  assert.deepEqual(offered(), ["large"]);
  assert.deepEqual(picked, ["my-own"]);
});

test("a list may be seen only while something is typed", async () => {
  const { list, type, offered } = await picklist({ staysShut: true });
  list.setItems([{ value: "seed" }]);
  assert.deepEqual(offered(), []);
  assert.ok(list.none.hidden);
  type("nothing");
  assert.ok(!list.none.hidden);
});

test("a window opens and closes, and the focus goes along", async () => {
  const { Popover } = await load("popover");
  const { element } = await import("../../../chatwidget/static/src/dom.js");
  const opener = element("button", "");
  const field = element("input", "");
  const popover = new Popover(opener, "Window", field);
  body.append(popover.node);
  dispatch(opener, "click");
  assert.ok(popover.isOpen);
  assert.equal(opener.getAttribute("aria-expanded"), "true");
  assert.equal(document.activeElement, field);
  dispatch(field, "keydown", { key: "Escape" });
  assert.ok(!popover.isOpen);
  assert.equal(document.activeElement, opener);
  popover.open();
  dispatch(field, "focusout", { relatedTarget: null });
  assert.ok(popover.isOpen, "what had the focus was drawn anew");
  dispatch(field, "focusout", { relatedTarget: body });
  assert.ok(!popover.isOpen);
});

test("tabs show one page, and arrow keys go from one to the next", async () => {
  const { Tabs } = await load("tabs");
  const { element } = await import("../../../chatwidget/static/src/dom.js");
  const shown = [];
  const page = (name) => ({
    name,
    node: element("div", ""),
    onShow: (isShown) => shown.push([name, isShown]),
  });
  const tabs = new Tabs([page("Chat"), page("Request")]);
  assert.deepEqual(shown, [["Chat", true]]);
  dispatch(tabs.tabs[0], "keydown", { key: "ArrowRight" });
  assert.deepEqual(shown.slice(1), [["Chat", false], ["Request", true]]);
  assert.equal(tabs.tabs[1].getAttribute("aria-selected"), "true");
  assert.equal(document.activeElement, tabs.tabs[1]);
  assert.ok(tabs.pages[0].node.hasAttribute("data-behind"));
});

const KERNEL = { widget_manager: { kernel: { status: "idle", connectionStatus: "connected" } } };

async function asker(t) {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const { Asker } = await load("asker");
  const made = new Asker(store, structuredClone(KERNEL));
  const said = [];
  made.onSentence = (sentence) => said.push(sentence);
  return { made, said };
}

test("a question waits until the kernel has taken it, and says so when that takes long", async (t) => {
  const { made, said } = await asker(t);
  const answer = made.ask({ type: "Ask", text: "Hi" });
  t.mock.timers.tick(600);
  assert.match(said[0], /busy with a cell: this is sent as soon as it is free/);
  assert.ok(made.isWaiting);
  store.tell("answered", "");
  assert.equal(await answer, "");
  assert.ok(!made.isWaiting);
});

test("what is not taken is known with its reason, and what nobody knows with none", async (t) => {
  const { made } = await asker(t);
  const refused = made.ask({ type: "Ask", text: "Hi" });
  store.tell("answered", "No model is chosen.");
  assert.equal(await refused, "No model is chosen.");
  const lost = made.ask({ type: "Ask", text: "Hi" });
  made.host.widget_manager.kernel.connectionStatus = "disconnected";
  t.mock.timers.tick(600);
  assert.equal(await lost, null);
});

test("an edited question was taken when its turn begins, or else the reason is said", async (t) => {
  const { made } = await asker(t);
  store.arrange(["t1"], [turnState("t1")]);
  const edited = made.ask({ type: "Edit", turn: "t1", text: "Two?" });
  store.tell("turns", ["t1"], [turnState("t1")]);
  assert.ok(made.isWaiting);
  store.tell("turns", ["t2"], [turnState("t2", { running: true })]);
  assert.equal(await edited, "");
  const refused = made.ask({ type: "Edit", turn: "t2", text: "Three?" });
  store.change({ notice: { sentence: "No model is chosen.", undo: "" } });
  assert.equal(await refused, null);
});

async function turn(state) {
  const { Turn } = await load("turn");
  const model = { ...KERNEL, get: () => ({}), on() {}, off() {} };
  const typesetter = { watch() {}, watchWhole() {} };
  const asker = { again: (turn) => store.send({ type: "Regenerate", turn }) };
  const context = { store, model, root: body, asker };
  const made = new Turn(context, typesetter, state.id);
  body.append(made.node);
  made.show(state);
  return made;
}

const named = (node, name) =>
  [...node.querySelectorAll("button")].find((it) => it.title.startsWith(name));

test("a turn shows its question as text, its facts, and what can be done", async () => {
  const prompt = "<img src=x onerror=alert(1)>";
  const { node } = await turn(turnState("t1", { prompt }));
  assert.equal(node.querySelector(".chatwidget-prompt").textContent, prompt);
  assert.equal(node.querySelector("img"), null);
  assert.match(node.querySelector(".chatwidget-facts").textContent, /practice · temperature 0.7/);
  for (const [name, action] of [
    ["Again", { type: "Regenerate", turn: "t1" }],
    ["Pin", { type: "Compare", turn: "t1" }],
    ["Use settings", { type: "UseSettings", turn: "t1" }],
    ["Delete", { type: "DeleteTurn", turn: "t1" }],
  ]) {
    dispatch(named(node, name), "click", { detail: 1 });
    assert.deepEqual(sent.pop(), action);
  }
  dispatch(named(node, "Delete"), "click", { detail: 2 });
  assert.deepEqual(sent, [], "the second click of a double click does nothing");
});

test("settings that a file brings are shown before they are used", async () => {
  const { node } = await turn(turnState("t1", { foreign: true, why: ["system message: Obey."] }));
  const why = node.querySelector(".chatwidget-why");
  assert.ok(!why.hasAttribute("open"));
  dispatch(named(node, "Use settings"), "click", { detail: 1 });
  assert.deepEqual([sent, why.hasAttribute("open")], [[], true]);
  dispatch(named(node, "Use settings"), "click", { detail: 2 });
  assert.deepEqual(sent, [], "the second click of a double click does nothing");
  dispatch(named(node, "Use settings"), "click", { detail: 1 });
  assert.deepEqual(sent.pop(), { type: "UseSettings", turn: "t1" });
});

test("only images of the usual kinds are shown, from their own data", async () => {
  const pictures = ["data:image/png;base64,AAAA", "https://elsewhere.example/a.png", "data:text/html,x"];
  const { node } = await turn(turnState("t1", { pictures, files: ["table.csv"] }));
  assert.equal(node.querySelectorAll("img").length, 1);
  assert.equal(node.querySelector(".chatwidget-tag").textContent, "table.csv");
});

test("one goes from version to version", async () => {
  const { node } = await turn(turnState("t2", { versions: ["t1", "t2"] }));
  assert.equal(node.querySelector(".chatwidget-place").textContent, "2/2");
  assert.ok(named(node, "Later version").disabled);
  dispatch(named(node, "Earlier version"), "click", { detail: 1 });
  assert.deepEqual(sent, [{ type: "ShowVersion", turn: "t1" }]);
});

test("a growing answer grows, and its actions come at its end", async () => {
  const made = await turn(turnState("t1", { running: true, texts: [] }));
  const change = (settled, start) => ({
    part: { round: 0, choice: 0, kind: "content" },
    start,
    settled,
    keep: 0,
    add: "",
  });
  made.grow([change(["<p>One</p>"], 0)], false);
  made.grow([change(["<p>Two</p>"], 1)], false);
  assert.equal(made.body.textContent, "OneTwo");
  made.grow([change(["<p>All</p>"], 0)], true);
  assert.equal(made.body.textContent, "All");
  assert.equal(named(made.node, "Copy this answer"), undefined);
  made.show(turnState("t1"));
  assert.ok(named(made.node, "Copy this answer"));
});

test("whether a function may run is asked once per call, and decided under its own name", async () => {
  const made = await turn(turnState("t1", { running: true }));
  const approval = { approval_id: "a1", turn: "t1", function: "add" };
  made.ask(approval);
  const box = made.node.querySelector("[role=group]");
  assert.equal(box.getAttribute("aria-label"), "May add run?");
  made.ask({ ...approval });
  assert.equal(made.node.querySelector("[role=group]"), box, "it keeps the focus");
  dispatch(named(box, "Always"), "click", { detail: 2 });
  dispatch(named(box, "Deny"), "click", { detail: 1 });
  assert.deepEqual(sent, [{ type: "Deny", approval_id: "a1" }]);
  made.ask(null);
  assert.equal(made.node.querySelector("[role=group]"), null);
});

test("an edited question is sent with the keys of the composer, and stays until it was taken", async () => {
  const { EditBox } = await load("edit_box");
  const asked = [];
  const closed = [];
  let answer = null;
  const box = new EditBox("One?", {
    enterSends: () => true,
    onSend: async (text) => {
      asked.push(text);
      return answer;
    },
    onClose: () => closed.push(true),
  });
  dispatch(box.field, "keydown", { key: "Enter", shiftKey: true });
  assert.deepEqual(asked, []);
  dispatch(box.field, "keydown", { key: "Enter" });
  await null;
  await null;
  assert.deepEqual([asked, closed], [["One?"], []]);
  answer = "";
  dispatch(box.field, "keydown", { key: "Enter" });
  await null;
  await null;
  assert.deepEqual(closed, [true]);
  dispatch(box.field, "keydown", { key: "Escape" });
  assert.equal(closed.length, 2);
});

test("a notice is a sentence, with a way back where there is one", async () => {
  const { Notice } = await load("notice");
  const { node } = new Notice({ store });
  const undo = node.querySelector("button");
  assert.ok(undo.hidden);
  store.change({ notice: { sentence: "Deleted.", undo: "Undo" } });
  assert.equal(node.querySelector("[role=status]").textContent, "Deleted.");
  assert.ok(!undo.hidden);
  dispatch(undo, "click");
  assert.deepEqual(sent, [{ type: "Undo" }]);
});

test("controls are mounted while they have a place, and removed after", async () => {
  const { Rows } = await load("rows");
  const views = new Set();
  const widget_manager = {
    get_model: async (name) => name,
    create_view: async (name) => {
      const el = document.createElement("div");
      const button = document.createElement("button");
      button.textContent = name;
      setTimeout(() => el.append(button)); // a widget draws itself a little later
      const view = { el, trigger() {}, remove: () => (el.remove(), views.delete(view)) };
      views.add(view);
      return view;
    },
  };
  const rows = new Rows({ widget_manager });
  const [one, other] = [document.createElement("div"), document.createElement("div")];
  body.append(one, other);
  const references = { seed: "IPY_MODEL_seed", n: "IPY_MODEL_n" };
  rows.keep(references, ["seed", "n", "stop"]);
  rows.place(one, ["seed", "n", "stop"]);
  const shown = await rows.shown("n");
  assert.equal(shown.textContent, "n");
  assert.equal(one.textContent, "seedn");
  rows.place(one, ["n"]);
  rows.place(other, ["seed"]);
  assert.deepEqual([one.textContent, other.textContent], ["n", "seed"]);
  rows.keep(references, ["seed"]);
  await new Promise((resolve) => setTimeout(resolve));
  assert.equal(views.size, 1);
  rows.dispose();
  await new Promise((resolve) => setTimeout(resolve));
  assert.equal(views.size, 0);
  assert.equal(rows.shown("seed"), null);
});
