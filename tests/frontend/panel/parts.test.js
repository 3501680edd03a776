import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

import { FakeModel, later } from "../page.js";
import { dispatch, emptyState, openPage, turnState } from "./page.js";

const load = (name) => import(`../../../chatwidget/static/src/panel/${name}.js`);

let body;
let store;
let sent;
let context;

beforeEach(async () => {
  body = openPage();
  const { Store } = await load("store");
  const { Asker } = await load("asker");
  sent = [];
  store = new Store((action, buffers) => sent.push(buffers ? { ...action, buffers } : action), "view");
  store.change(emptyState());
  const kernel = { status: "idle", connectionStatus: "connected" };
  const model = new FakeModel({ rows: {} }, { kernel });
  context = { store, model, root: body, asker: new Asker(store, model) };
});

const named = (node, name) =>
  [...node.querySelectorAll("button")].find((it) => it.title.startsWith(name));
const texts = (node, selector) =>
  [...node.querySelectorAll(selector)].map((it) => it.textContent);
const click = (node) => dispatch(node, "click", { detail: 1 });

async function transcript() {
  const { Transcript } = await load("transcript");
  const asked = [];
  const made = new Transcript(context, (text) => asked.push(text));
  body.append(made.node);
  return { made, asked };
}

const many = (count) => Array.from({ length: count }, (_, place) => turnState(`t${place}`));
const show = (turns) => store.arrange(turns.map(({ id }) => id), turns);

const prompts = (made) => texts(made.node, ".chatwidget-prompt").filter(Boolean);

async function drawn(made, count) {
  for (let tries = 0; prompts(made).length < count && tries < 1000; tries++) {
    await later();
  }
}

test("turns stand in their order, in stretches of sixteen", async () => {
  const { made } = await transcript();
  for (const count of [40, 18, 33, 16, 40]) {
    show(many(count));
    await drawn(made, count);
    assert.deepEqual(
      texts(made.node, ".chatwidget-prompt"),
      many(count).map(({ prompt }) => prompt),
    );
    assert.equal(made.roll.children.length, Math.ceil(count / 16));
  }
  assert.equal(made.roll.children[2].lastChild.getAttribute("aria-label"), "Turn 40");
});

test("of many turns the last are drawn at once, and the others soon", async () => {
  const { made } = await transcript();
  show(many(200));
  const last = many(200).slice(-16).map(({ prompt }) => prompt);
  assert.deepEqual(prompts(made), last);
  assert.equal(made.node.querySelectorAll(".chatwidget-turn").length, 200);
  await drawn(made, 200);
  assert.equal(named(made.roll.firstChild.firstChild, "Copy").textContent, "Copy");
});

test("a turn that changes before it is drawn is drawn as it is then, and one that goes is not", async () => {
  const { made } = await transcript();
  const turns = many(40);
  show(turns);
  store.arrange(turns.slice(1).map(({ id }) => id), [turnState("t3", { prompt: "Another" })]);
  await drawn(made, 39);
  assert.equal(prompts(made)[2], "Another");
  assert.ok(!prompts(made).includes("Question t0"));
  assert.equal(made.later.jobs.size, 0);
});

test("a turn that was drawn changes at once, however many come after it", async () => {
  const { made } = await transcript();
  show(many(40));
  await drawn(made, 40);
  store.arrange(store.order, [turnState("t3", { prompt: "Another" })]);
  assert.equal(prompts(made)[3], "Another");
});

test("without a kernel the buttons of turns that are drawn later are off, too", async () => {
  const { made } = await transcript();
  made.turnOff(true);
  show(many(40));
  await drawn(made, 40);
  await later();
  const first = made.roll.firstChild.firstChild;
  assert.ok(named(first, "Again").disabled && !named(first, "Copy").disabled);
});

test("a conversation that leaves the page draws no more of its turns", async () => {
  const { made } = await transcript();
  show(many(40));
  made.dispose();
  await later();
  assert.equal(prompts(made).length, 16);
});

test("an empty conversation offers questions to ask", async () => {
  const { made, asked } = await transcript();
  store.change({ examples: ["What is top_p?"] });
  assert.ok(!made.empty.hidden);
  click(named(made.empty, "What is top_p?"));
  assert.deepEqual(asked, ["What is top_p?"]);
  show(many(1));
  assert.ok(made.empty.hidden);
  show([]);
  assert.ok(!made.empty.hidden);
});

test("without a kernel all but copying is off, and is as before when it is back", async () => {
  const { made } = await transcript();
  show([turnState("t2", { versions: ["t1", "t2"] })]);
  const isOn = (name) => !named(made.node, name).disabled;
  made.turnOff(true);
  show([turnState("t2", { versions: ["t1", "t2"] })]);
  assert.ok(isOn("Copy"));
  assert.ok(!isOn("Again") && !isOn("Edit") && !isOn("Earlier"));
  made.turnOff(false);
  assert.ok(isOn("Again") && isOn("Edit") && isOn("Earlier"));
  assert.ok(!isOn("Later"));
});

test("what is asked again is seen", async () => {
  const { made } = await transcript();
  const seen = [];
  context.asker.onTaken = () => seen.push(true);
  show(many(1));
  click(named(made.node, "Again"));
  assert.deepEqual(sent, [{ type: "Regenerate", turn: "t0" }]);
  assert.deepEqual(seen, [true]);
});

test("a conversation is chosen and deleted in the list; a new one begins if it is needed", async () => {
  const { Conversations } = await load("conversations");
  const begun = [];
  const made = new Conversations(context, () => begun.push(true));
  const conversation = (name, fields) => ({ name, title: "", turns: 0, current: false, ...fields });
  store.change({
    conversations: [
      conversation("main", { title: "What is top_p?", turns: 3, current: true }),
      conversation("plans", { turns: 1 }),
      conversation("chat-3"),
    ],
  });
  assert.equal(made.title.textContent, "What is top_p?");
  assert.deepEqual(texts(made.list, ".chatwidget-entry-name"), [
    "What is top_p?3 turns",
    "plans1 turn",
    "New conversation0 turns",
  ]);
  click(made.list.querySelectorAll(".chatwidget-entry-name")[0]);
  click(made.list.querySelectorAll(".chatwidget-entry-name")[1]);
  click(named(made.list, "Delete the conversation “plans”"));
  click(made.new);
  assert.deepEqual(sent, [
    { type: "SwitchConversation", name: "plans" },
    { type: "DeleteConversation", name: "plans" },
    { type: "NewConversation" },
  ]);
  store.change({ conversations: [conversation("chat-3", { current: true })] });
  sent.length = 0;
  click(made.new);
  assert.deepEqual(sent, []);
  assert.equal(begun.length, 2);
});

test("the models are asked for when the choice opens, unless they are known", async () => {
  const { Chooser } = await load("chooser");
  const made = new Chooser(context);
  const server = { ...emptyState().server, name: "https://api.example/v1", location: "https://api.example/v1" };
  store.change({ server: { ...server, listing: false, problem: "" } });
  assert.equal(made.model.textContent, "Choose a model");
  assert.equal(made.place.textContent, "api.example");
  made.popover.open();
  assert.deepEqual(sent, [{ type: "ListModels" }]);
  store.change({ server: { ...server, listing: true, problem: "" } });
  assert.equal(made.problem.textContent, "Asking for the models …");
  store.change({ server: { ...server, models: ["small"], model: "small", listing: false, problem: "" } });
  made.popover.close();
  made.popover.open();
  assert.equal(sent.length, 1);
  assert.equal(made.model.textContent, "small");
  made.address.value = "practice";
  dispatch(made.address, "change");
  click(named(made.profiles, "practice"));
  assert.deepEqual(sent.slice(1), [
    { type: "ChooseServer", server: "practice" },
    { type: "ChooseServer", server: "practice" },
  ]);
});

test("plain http is allowed by a button that is there where it is refused", async () => {
  const { Chooser } = await load("chooser");
  const made = new Chooser(context);
  const { server } = emptyState();
  store.change({ server });
  assert.ok(made.consent.hidden);
  const unprotected = "http://ollama:11434/v1";
  store.change({ server: { ...server, problem: "Plain http …", unprotected } });
  assert.ok(!made.consent.hidden);
  click(named(made.consent, "Allow plain http, and use it: prompts and keys travel unprotected in your network"));
  assert.deepEqual(sent, [{ type: "ChooseServer", server: unprotected, consent: true }]);
});

test("presets are loaded, saved and deleted", async () => {
  const { Presets } = await load("presets");
  const made = new Presets(context);
  store.change({ presets: ["mine"] });
  const [neutral, mine] = made.list.querySelectorAll(".chatwidget-entry-name");
  click(neutral);
  click(mine);
  click(named(made.list, "Delete the preset “mine”"));
  made.name.value = " other ";
  dispatch(made.name, "keydown", { key: "Enter" });
  assert.deepEqual(sent, [
    { type: "LoadPreset", name: "" },
    { type: "LoadPreset", name: "mine" },
    { type: "DeletePreset", name: "mine" },
    { type: "SavePreset", name: "other" },
  ]);
});

test("what is sent stands in one line, and leads to its control", async () => {
  const { Sent } = await load("sent");
  const shown = [];
  const { node } = new Sent(context, (name) => shown.push(name));
  assert.equal(node.textContent, "No parameter is sent.");
  store.change({
    parameters: {
      temperature: { name: "temperature", status: "sent", text: "0.7" },
      seed: { name: "seed", status: "unsent", text: "" },
    },
  });
  assert.deepEqual(texts(node, "button"), ["temperature0.7"]);
  click(named(node, "temperature 0.7"));
  assert.deepEqual(shown, ["temperature"]);
});

test("a control that is missing is asked for once", async () => {
  const { Settings } = await load("settings");
  const made = new Settings(context);
  const parameters = Object.fromEntries(
    ["temperature", "seed"].map((name) => [name, { name, status: "sent", text: "1", help: "" }]),
  );
  store.change({ parameters, groups: [{ name: "g", title: "G", parameters: ["seed"], open: false }] });
  store.change({ parameters });
  assert.deepEqual(sent, [
    { type: "ShowRow", name: "temperature" },
    { type: "ShowRow", name: "seed" },
  ]);
  made.dispose();
});

test("a switch and its budget are sent together, within what may be", async () => {
  const { Rerun } = await load("rerun");
  const made = new Rerun(context);
  store.change({ rerun: { enabled: true, per_minute: 20, used: 3 } });
  assert.equal(made.used.textContent, " · 3 used");
  made.limit.value = "9000";
  dispatch(made.limit, "change");
  assert.deepEqual(sent, [{ type: "SetRerun", enabled: true, per_minute: 600 }]);
});

async function composer() {
  const { Composer } = await load("composer");
  const made = new Composer(context);
  body.append(made.node);
  return made;
}

test("a question stays in its field until the kernel has taken it", async () => {
  const made = await composer();
  made.field.value = "Hi";
  made.attachments.add([{ name: "a.csv", size: 1, type: "", arrayBuffer: async () => "bytes" }]);
  click(made.send);
  await later();
  assert.deepEqual(sent, [{ type: "Ask", text: "Hi", attachments: ["a.csv"], buffers: ["bytes"] }]);
  assert.ok(made.send.disabled);
  store.tell("answered", "No model is chosen.");
  await later();
  assert.deepEqual([made.field.value, made.status.textContent], ["Hi", "No model is chosen."]);
  assert.ok(!made.send.disabled);
  store.change({ server: { ...store.state.server, model: "small" } });
  assert.equal(made.status.textContent, "", "what was wrong may be mended by now");
  click(made.send);
  await later();
  store.tell("answered", "");
  await later();
  assert.equal(made.field.value, "");
  assert.equal(made.attachments.files.length, 0);
});

test("a question may be asked while an answer is being written, which ends it", async () => {
  const made = await composer();
  store.change({ running: "t1" });
  assert.equal(made.send.textContent, "Stop");
  made.field.value = "And now?";
  dispatch(made.field, "keydown", { key: "Enter" });
  await later();
  assert.deepEqual(sent.map(({ type }) => type), ["Ask"]);
  context.asker.dispose();
});

test("what was typed meanwhile is not lost", async () => {
  const made = await composer();
  made.field.value = "Hi";
  click(made.send);
  await later();
  made.field.value = "Hi and more";
  store.tell("answered", "");
  await later();
  assert.equal(made.field.value, "Hi and more");
  made.dispose();
});

test("Escape stops, also right after a question was sent", async () => {
  const made = await composer();
  made.field.value = "Hi";
  click(made.send);
  await later();
  dispatch(made.field, "keydown", { key: "Escape" });
  assert.equal(sent.at(-1).type, "Stop");
  context.asker.dispose();
});

test("a draft comes back, unless something was written since", async () => {
  const made = await composer();
  store.change({ draft: "of earlier" });
  assert.equal(made.field.value, "of earlier");
  made.field.value = "written since";
  store.change({ draft: "of another page" });
  assert.equal(made.field.value, "written since");
  made.draft.keep();
  assert.deepEqual(sent, [{ type: "KeepDraft", text: "written since" }]);
});

test("without a kernel the text can be read, and nothing is sent", async () => {
  const made = await composer();
  made.field.value = "Hi";
  made.turnOff(true);
  assert.ok(made.field.readOnly);
  await made.submit();
  assert.deepEqual(sent, []);
  made.turnOff(false);
  assert.ok(!made.send.disabled);
});
