import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

import { FakeModel, later } from "./page.js";
import { dispatch, openPage } from "./panel/page.js";
import { meant, visible } from "../../chatwidget/static/src/control/escapes.js";
import { percent } from "../../chatwidget/static/src/control/marks.js";
import control from "../../chatwidget/static/src/control.js";

let body;
beforeEach(() => {
  body = openPage();
});

const INPUTS = {
  slider: { kind: "slider" },
  number: { kind: "number", die: true },
  choice: { kind: "choice", options: [], free: true, text: "", placeholder: "another value" },
  texts: { kind: "texts", texts: [], placeholder: "Add a stop sequence" },
  checks: { kind: "checks", checks: [], others: [], empty: "No functions yet", look: true },
  format: { kind: "format", format: null, schema: "", type: "" },
  biases: { kind: "biases", biases: [], placeholder: "Token, or its id" },
  json: { kind: "json", text: "", placeholder: "{}" },
};

/** The state of a control whose parameter is not sent. */
function stateOf(kind, { parameter = {}, input = {}, ...fields } = {}) {
  const unsent = { name: "a_name", status: "unsent", value: null, text: "", default: null };
  const range = { minimum: 0, maximum: 2, step: 0.05, marks: [], ghost: null };
  return {
    parameter: { ...unsent, ...range, help: "What it does.", reason: "", ...parameter },
    input: { ...INPUTS[kind], ...input },
    starts: true,
    default: "",
    range: "Takes a number.",
    ghost: "",
    hint: "",
    unsupported: "",
    problem: "",
    draft: "",
    handbook: "A page",
    ...fields,
  };
}

/** A widget manager that shows any model as a handle, and keeps which views it removed. */
function managerOf(removed = []) {
  const create_view = async () => {
    const el = document.createElement("div");
    el.innerHTML = "<div role='slider' tabindex='0'></div>";
    return { el, trigger() {}, remove: () => removed.push(el.remove()) };
  };
  return { get_model: async (name) => name, create_view };
}

/** Draw a row. */
function open(kind, fields, manager) {
  const model = new FakeModel({ state: stateOf(kind, fields), slider: "IPY_MODEL_1" }, manager);
  const el = document.createElement("div");
  body.append(el);
  const dispose = control.render({ model, el });
  const row = el.querySelector(".chatwidget-parameter");
  const find = (selector) => row.querySelector(selector);
  return { model, el, row, find, dispose, show: (more) => model.set("state", stateOf(kind, more)) };
}

/** What a person writes and leaves. */
function write(node, text) {
  node.value = text;
  dispatch(node, "change");
}

function named(row, name) {
  return [...row.querySelectorAll("[aria-label]")].find(
    (node) => node.getAttribute("aria-label") === name,
  );
}

const SENT = { parameter: { status: "sent", value: 0.5, text: "0.5" } };

test("a row says whether its parameter is sent, and the switch changes that", () => {
  const { model, row, find, show } = open("number", { default: "random" });
  const toggle = find("[role=switch]");
  assert.equal(row.getAttribute("aria-label"), "a_name");
  assert.ok(!toggle.checked && find("[title^=Reset]").disabled);
  assert.equal(find("label").title, "a_name is not sent; default: random");
  assert.equal(find("input[type=number]").placeholder, "random");
  assert.equal(row.dataset.sent, "false");

  show(SENT);
  assert.ok(toggle.checked && !find("[title^=Reset]").disabled);
  assert.equal(find("input[type=number]").value, "0.5");
  toggle.checked = false;
  dispatch(toggle, "change");
  dispatch(find("[title^=Reset]"), "click");
  assert.deepEqual(model.sent, Array(2).fill({ type: "ControlSwitch", on: false }));
  assert.equal(document.activeElement, toggle); // and not on the button that goes away
});

test("where a value is needed first, the switch leads to it", () => {
  const { model, find } = open("texts", { starts: false });
  find("[role=switch]").checked = true;
  dispatch(find("[role=switch]"), "change");
  assert.deepEqual(model.sent, []);
  assert.ok(!find("[role=switch]").checked);
  assert.equal(document.activeElement, find("[type=text]"));
});

test("what is unsupported is told, a problem before it, and each is taken back", () => {
  const { row, find, show } = open("number");
  const note = find("[role=status]");
  assert.ok(note.hidden);
  const refused = { parameter: { status: "unsupported" }, unsupported: "practice: <b>no</b>" };
  show(refused);
  assert.equal(note.textContent, "practice: <b>no</b>");
  assert.equal(row.dataset.status, "unsupported");
  show({ ...refused, problem: "takes a number", draft: "x" });
  assert.equal(note.textContent, "takes a number");
  assert.ok(row.classList.contains("chatwidget-parameter-wrong"));
  assert.equal(find("input[type=number]").getAttribute("aria-invalid"), "true");
  assert.equal(find("input[type=number]").getAttribute("aria-describedby"), note.id);
  show({});
  assert.ok(note.hidden && !row.classList.contains("chatwidget-parameter-wrong"));
});

test("what is written is sent when it is left, and is not overwritten before", () => {
  const { model, find, show } = open("number");
  const box = find("input[type=number]");
  box.validity = {};
  box.focus();
  box.value = "0.25";
  show(SENT); // from somewhere else
  assert.equal(box.value, "0.25");
  dispatch(box, "change");
  assert.deepEqual(model.sent, [{ type: "ControlWrite", text: "0.25" }]);
  show({ parameter: { status: "sent", value: 0.25, text: "0.25" } });
  show(SENT); // it is left now, though the focus is still there
  assert.equal(box.value, "0.5");
  show({ ...SENT, problem: "No.", draft: "17" });
  assert.equal(box.value, "17");
});

test("what is no number at all is told here", () => {
  const { model, find, show } = open("number");
  find("input[type=number]").validity = { badInput: true };
  write(find("input[type=number]"), "");
  assert.deepEqual(model.sent, []);
  assert.equal(find("[role=status]").textContent, "This is no number.");
  show({});
  assert.ok(find("[role=status]").hidden);
});

test("the die throws a seed", () => {
  const { model, row } = open("number");
  dispatch(named(row, "Throw the die: another seed"), "click");
  const [{ type, value }] = model.sent;
  assert.equal(type, "ControlSet");
  assert.ok(Number.isInteger(value) && value >= 0 && value < 2 ** 31);
});

test("the ghost of the last cell is told, and can be kept", () => {
  const { model, find, show } = open("number");
  assert.ok(find(".chatwidget-parameter-ghost").hidden);
  show({ parameter: { ghost: 64 }, ghost: "64" });
  const ghost = find(".chatwidget-parameter-ghost");
  assert.equal(ghost.textContent, "64 in the last cell");
  assert.match(ghost.title, /^64: the last cell was asked with this; a flag holds for its cell/);
  dispatch(ghost, "click");
  assert.deepEqual(model.sent, [{ type: "ControlSet", value: 64 }]);
});

test("a slider is mounted and named, and removed with the row", async () => {
  const removed = [];
  const { find, dispose, show } = open("slider", { default: "1" }, managerOf(removed));
  await later();
  const handle = find("[role=slider]");
  assert.equal(handle.getAttribute("aria-label"), "a_name");
  const said = find(`#${handle.getAttribute("aria-describedby")}`);
  assert.equal(said.textContent, "not sent; the default is 1");
  show(SENT);
  assert.equal(said.textContent, "sent");
  dispose();
  await later();
  assert.equal(removed.length, 1);
});

test("marks stand along the track, and bring answers back", async () => {
  const mark = (turn, value, shown = false) => ({ turn, value, shown });
  const marks = [mark("one", 0), mark("two", 1, true)];
  const { model, row, find, show } = open("slider", {}, managerOf());
  assert.ok(find(".chatwidget-parameter-marks").hidden);
  show({ parameter: { marks, ghost: 0.2 }, ghost: "0.2" });
  const places = [...row.querySelectorAll(".chatwidget-parameter-mark")];
  assert.deepEqual(places.map((node) => node.style.left), ["0%", "50%", "10%"]);
  assert.equal(places[1].getAttribute("aria-pressed"), "true");
  assert.equal(places[0].title, "a_name 0: bring this answer back");
  assert.ok(find(".chatwidget-parameter-ghost").hidden); // it is on the track
  dispatch(places[0], "click");
  dispatch(places[2], "click");
  assert.deepEqual(model.sent, [
    { type: "ControlBringBack", turn: "one" },
    { type: "ControlSet", value: 0.2 },
  ]);
});

test("Tab reaches the marks as one, and the arrows go from one to the next", () => {
  const { row, show } = open("slider", {}, managerOf());
  const at = (value) => ({ turn: `at ${value}`, value, shown: false });
  show({ parameter: { marks: [at(0), at(1), at(2)] } });
  let marks = [...row.querySelectorAll(".chatwidget-parameter-mark")];
  assert.deepEqual(marks.map((node) => node.getAttribute("tabindex")), ["0", "-1", "-1"]);
  marks[0].focus();
  dispatch(marks[0], "keydown", { key: "ArrowRight" });
  assert.equal(document.activeElement, marks[1]);
  dispatch(marks[1], "keydown", { key: "ArrowLeft" });
  dispatch(marks[0], "keydown", { key: "ArrowLeft" });
  assert.equal(document.activeElement, marks[0]);
  show({ parameter: { marks: [at(0), at(1)] } });
  marks = [...row.querySelectorAll(".chatwidget-parameter-mark")];
  assert.equal(document.activeElement, marks[0]); // though they were drawn anew
});

test("a value beyond the ends of a track stands at its end", () => {
  const range = { minimum: -2, maximum: 2 };
  const places = [-2, 0, 1, 5, -9].map((value) => percent(value, range));
  assert.deepEqual(places, ["0%", "50%", "75%", "100%", "0%"]);
  assert.equal(percent(1, { minimum: 1, maximum: 1 }), "0%");
});

test("a choice shows what is chosen, what holds, and any other value in its line", () => {
  const options = [true, false].map((value) => ({ value, label: value ? "on" : "off" }));
  const off = { parameter: { default: false }, input: { options, free: false } };
  const { model, row, show } = open("choice", off);
  const pressed = () =>
    [...row.querySelectorAll(".chatwidget-segment")].map((node) => node.getAttribute("aria-pressed"));
  assert.deepEqual(pressed(), ["false", "false"]);
  assert.ok(named(row, "off").classList.contains("chatwidget-segment-default"));
  assert.equal(row.querySelector("[type=text]"), null);
  dispatch(named(row, "on"), "click");
  assert.deepEqual(model.sent, [{ type: "ControlSet", value: true }]);
  show({ ...off, parameter: { default: false, value: true, status: "sent", text: "on" } });
  assert.deepEqual(pressed(), ["true", "false"]);
  assert.ok(!named(row, "off").classList.contains("chatwidget-segment-default"));
});

test("a free choice takes any other text", () => {
  const { model, find, show } = open("choice", {
    input: { options: [{ value: "low", label: "low" }] },
  });
  write(find("[type=text]"), "terse");
  assert.deepEqual(model.sent, [{ type: "ControlWrite", text: "terse" }]);
  show({ parameter: { value: "terse", status: "sent", text: "terse" }, input: { text: "terse" } });
  assert.equal(find("[type=text]").value, "terse");
});

test("stop sequences are added and removed, and can all be seen", () => {
  const { model, row, find, show } = open("texts");
  const line = find("[type=text]");
  write(line, "\\n\\n");
  assert.deepEqual(model.sent.pop(), { type: "ControlSet", value: ["\n\n"] });
  assert.equal(line.value, "\\n\\n"); // until the kernel has it
  show({ input: { texts: ["\n\n"] } });
  assert.equal(line.value, "");
  assert.equal(find("li code").textContent, "\\n\\n");
  write(line, "END");
  assert.deepEqual(model.sent.pop(), { type: "ControlSet", value: ["\n\n", "END"] });
  show({ input: { texts: ["\n\n"] }, problem: "at most four" });
  assert.equal(line.value, "END");
  write(line, "\\n\\n"); // that is there
  assert.equal(line.value, "");
  assert.deepEqual(model.sent, []);
  dispatch(named(row, "Remove \\n\\n"), "click");
  assert.deepEqual(model.sent, [{ type: "ControlSet", value: [] }]);
});

test("what cannot be seen is written as in Python, and read so", () => {
  for (const text of ["a\nb", "\t", "\\n", "\\", "c:\\new", "END", "\r\n"]) {
    assert.equal(meant(visible(text)), text);
    assert.ok(!/[\n\r\t]/.test(visible(text)));
  }
  assert.equal(meant("\\d+"), "\\d+");
});

test("functions are ticked; where there is none, it is said how to make one", () => {
  const { model, row, find, show } = open("checks");
  assert.match(row.textContent, /No functions yet/);
  dispatch(named(row, "Look for functions again"), "click");
  assert.deepEqual(model.sent.pop(), { type: "ControlLook" });
  const checks = [{ name: "add", title: "Add <i>one</i>.", checked: false }];
  show({ input: { checks, others: ["f"] } });
  assert.match(row.textContent, /addAdd <i>one<\/i>\.Set by code: f/);
  named(row, "add").checked = true;
  dispatch(named(row, "add"), "change");
  assert.deepEqual(model.sent, [{ type: "ControlCheck", name: "add", checked: true }]);
  named(row, "add").focus();
  show({ input: { checks: [{ ...checks[0], checked: true }], others: ["f"] } });
  assert.equal(document.activeElement, named(row, "add"));
  assert.ok(find("[aria-label=add]").checked);
});

test("a schema is there once it is chosen, and a type says that code has chosen it", () => {
  const { model, row, find, show } = open("format");
  assert.ok(find("textarea").hidden);
  dispatch(named(row, "JSON schema"), "click");
  assert.deepEqual(model.sent.pop(), { type: "ControlFormat", format: "json_schema" });
  show({ input: { format: "json_schema", schema: "{}" } });
  assert.equal(find("textarea").value, "{}");
  assert.ok(!find("textarea").hidden);
  write(find("textarea"), "{");
  assert.deepEqual(model.sent, [{ type: "ControlWrite", text: "{" }]);
  show({ input: { format: "json_schema", schema: "{}" }, problem: "No JSON.", draft: "{" });
  assert.equal(find("textarea").value, "{");
  show({ input: { format: "type", type: "Answer" } });
  assert.match(row.textContent, /Set by code: the type Answer/);
});

test("a bias is added, changed and removed; what cannot be one is said", () => {
  const { model, row, find, show } = open("biases");
  const token = named(row, "Token, or its id");
  const amount = named(row, "Amount for a new token");
  amount.valueAsNumber = 5;
  dispatch(named(row, "Add a bias"), "click");
  assert.equal(find("[role=status]").textContent, "A bias is a token and an amount from -100 to 100.");
  token.value = " yes";
  dispatch(token, "keydown", { key: "Enter" });
  assert.deepEqual(model.sent.pop(), { type: "ControlBias", token: " yes", amount: 5 });
  show({ problem: "2 tokens", draft: " yes" });
  assert.equal(token.value, " yes");
  dispatch(named(row, "Add a bias"), "click");
  show({ input: { biases: [{ token: "7", text: " yes", amount: 5 }] } });
  assert.equal(token.value, "");
  model.sent.length = 0;
  const box = named(row, "Amount for “ yes”");
  box.valueAsNumber = 9;
  dispatch(box, "change");
  dispatch(named(row, "Remove “ yes”"), "click");
  assert.deepEqual(model.sent, [
    { type: "ControlBias", token: "7", amount: 9 },
    { type: "ControlBias", token: "7", amount: null },
  ]);
});

test("JSON is written when somebody wants to, and stays while it is wrong", () => {
  const { model, row, find, show } = open("json");
  assert.ok(find(".chatwidget-parameter-below").hidden);
  dispatch(named(row, "Write JSON… for a_name"), "click");
  assert.equal(document.activeElement, find("textarea"));
  assert.ok(named(row, "Write JSON… for a_name").hidden);
  find("textarea").value = "{";
  dispatch(find("textarea"), "keydown", { key: "Enter" });
  assert.deepEqual(model.sent, []);
  dispatch(find("textarea"), "keydown", { key: "Enter", ctrlKey: true });
  assert.deepEqual(model.sent, [{ type: "ControlWrite", text: "{" }]);
  show({ problem: "This is no JSON yet.", draft: "{" });
  assert.equal(find("textarea").value, "{");
});

test("help opens in the row, and the page of the handbook is asked for once", () => {
  const { model, row, find } = open("number");
  const help = named(row, "What a_name does");
  assert.ok(find(".chatwidget-parameter-help").hidden);
  dispatch(help, "click");
  assert.equal(help.getAttribute("aria-expanded"), "true");
  assert.match(row.textContent, /What it does\.Takes a number\.Handbook: A page/);
  const more = find(".chatwidget-parameter-help button");
  dispatch(more, "click");
  assert.deepEqual(model.sent, [{ type: "ControlHelp" }]);
  model.hear("msg:custom", { type: "ControlHandbook", html: "<h2>Seeds</h2>" });
  model.hear("msg:custom", { type: "ControlHandbook", html: "<h2>Again</h2>" });
  assert.equal(find(".chatwidget-parameter-page").innerHTML, "<h2>Seeds</h2>");
  dispatch(more, "click");
  assert.ok(find(".chatwidget-parameter-page").hidden);
  dispatch(more, "click");
  assert.equal(model.sent.length, 1);
});

test("without its kernel a row is still, and says so", () => {
  const signal = { connect: (slot) => (signal.slot = slot), disconnect() {} };
  const kernel = { status: "idle", connectionStatus: "connected", statusChanged: signal };
  const { find } = open("number", {}, { kernel });
  assert.ok(!find(".chatwidget-parameter-content").inert);
  kernel.status = "restarting";
  signal.slot();
  kernel.status = "idle";
  signal.slot();
  assert.ok(find(".chatwidget-parameter-content").inert);
  const link = find(".chatwidget-parameter-unlinked");
  assert.equal(link.textContent, "The kernel restarted: run this cell again.");
});

test("a row that is gone hears nothing, and its keys stay in it while it is there", () => {
  const { model, el, find, dispose } = open("number");
  let heard = 0;
  body.addEventListener("keydown", () => heard++);
  dispatch(find("input[type=number]"), "keydown", { key: "d" });
  assert.equal(heard, 0);
  assert.ok(el.classList.contains("chatwidget-control"));
  dispose();
  assert.deepEqual(model.listeners, []);
});
