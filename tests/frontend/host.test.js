import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

import { later, openPage } from "./page.js";
import * as host from "../../chatwidget/static/src/host.js";

let body;
beforeEach(() => {
  body = openPage();
});

/** A signal of Lumino. */
class Signal {
  slots = new Set();

  connect(slot) {
    this.slots.add(slot);
  }

  disconnect(slot) {
    this.slots.delete(slot);
  }

  emit() {
    this.slots.forEach((slot) => slot());
  }
}

function kernel(status = "idle", connectionStatus = "connected") {
  return {
    status,
    connectionStatus,
    statusChanged: new Signal(),
    connectionStatusChanged: new Signal(),
    interrupted: 0,
    interrupt() {
      this.interrupted++;
    },
  };
}

test("a front end that tells nothing counts as connected, and does nothing", () => {
  for (const model of [{}, { widget_manager: {} }, { widget_manager: null }]) {
    assert.equal(host.kernelStatus(model), "connected");
    assert.ok(!host.canInterrupt(model) && !host.canInsertCell(model));
    assert.equal(host.typesetterOf(model), null);
    host.interruptKernel(model);
    host.insertCellBelow(model, body, "x");
    assert.ok(!host.answerStdin(model, body, "y"));
    assert.ok(host.isInNotebook(model, body));
    host.watchKernel(model, assert.fail)();
  }
});

test("the kernel is interrupted", () => {
  const own = kernel();
  const model = { widget_manager: { kernel: own } };
  assert.ok(host.canInterrupt(model));
  host.interruptKernel(model);
  assert.equal(own.interrupted, 1);
});

for (const [status, connection, expected] of [
  ["idle", "connected", "connected"],
  ["busy", "connected", "connected"],
  ["unknown", "connecting", "disconnected"],
  ["idle", "disconnected", "disconnected"],
  ["autorestarting", "connected", "restarting"],
  ["restarting", "connecting", "restarting"],
  ["dead", "connected", "dead"],
  ["terminating", "disconnected", "dead"],
]) {
  test(`a kernel that is ${status} and ${connection} is ${expected}`, () => {
    const model = { widget_manager: { kernel: kernel(status, connection) } };
    assert.equal(host.kernelStatus(model), expected);
  });
}

test("changes of the kernel are told once each, until nobody listens", () => {
  const own = kernel();
  const told = [];
  const dispose = host.watchKernel({ widget_manager: { kernel: own } }, (it) => told.push(it));
  own.status = "busy";
  own.statusChanged.emit();
  own.status = "autorestarting";
  own.statusChanged.emit();
  own.connectionStatusChanged.emit();
  own.status = "idle";
  own.statusChanged.emit();
  dispose();
  own.status = "dead";
  own.statusChanged.emit();
  assert.deepEqual(told, ["restarting", "connected"]);
  assert.equal(own.statusChanged.slots.size, 0);
});

test("a session outlives its kernel", () => {
  const sessionContext = {
    session: { kernel: kernel() },
    statusChanged: new Signal(),
    kernelChanged: new Signal(),
  };
  const told = [];
  const model = { widget_manager: { context: { sessionContext } } };
  host.watchKernel(model, (it) => told.push(it));
  sessionContext.session = null;
  sessionContext.kernelChanged.emit();
  sessionContext.session = { kernel: kernel() };
  sessionContext.kernelChanged.emit();
  assert.deepEqual(told, ["dead", "connected"]);
});

// --- the notebook ---

/** A notebook's model with outputs in its cells, as JupyterLab has it. */
class Notebook {
  constructor(...cells) {
    this.inserted = [];
    this.cells = { get: (number) => cells[number] };
    this.sharedModel = {
      cells,
      insertCell: (place, cell) => this.inserted.push([place, cell]),
    };
  }

  get model() {
    return { widget_manager: { context: { model: this, localPath: "folder/own.ipynb" } } };
  }
}

test("a new cell stands below the one of an element, or else at the end", () => {
  const notebook = new Notebook(1, 2, 3);
  body.innerHTML = '<div data-windowed-list-index="1"><p id="in"></p></div><p id="out"></p>';
  assert.ok(host.canInsertCell(notebook.model));
  host.insertCellBelow(notebook.model, body.querySelector("#in"), "x = 1");
  host.insertCellBelow(notebook.model, body.querySelector("#out"), "y");
  assert.deepEqual(notebook.inserted, [
    [2, { cell_type: "code", source: "x = 1" }],
    [3, { cell_type: "code", source: "y" }],
  ]);
});

test("a notebook is told from others by the title of its tab", () => {
  const { model } = new Notebook();
  const tab = (id, path) =>
    `<ul><li class="lm-TabBar-tab" data-id="${id}" title="Name: x\nPath: ${path}"></li></ul>
    <div class="jp-NotebookPanel" id="${id}"><p></p></div>`;
  body.innerHTML = tab("a", "folder/own.ipynb") + tab("b", "other-folder/own.ipynb") + "<p></p>";
  const found = [...body.querySelectorAll("p")].map((it) => host.isInNotebook(model, it));
  assert.deepEqual(found, [true, false, true]);
});

test("keys that are pressed in an element stay there", () => {
  body.innerHTML = '<div id="panel"><input></div>';
  const heard = [];
  body.addEventListener("keydown", (event) => heard.push(event.key));
  const [panel, input] = [body.querySelector("#panel"), body.querySelector("input")];
  const dispose = host.keepKeys(panel);
  input.dispatchEvent(new Event("focusin", { bubbles: true }));
  input.dispatchEvent(new KeyboardEvent("keydown", { key: "d", bubbles: true }));
  assert.equal(input.dataset.lmSuppressShortcuts, "true");
  assert.deepEqual(heard, []);
  dispose();
  input.dispatchEvent(new KeyboardEvent("keydown", { key: "d", bubbles: true }));
  assert.deepEqual(heard, ["d"]);
});

const outputs = ["jp-OutputArea-child", "output_area"]; // the latter in the classic notebook

for (const name of outputs) {
  test(`the output of what is shown is marked meanwhile: ${name}`, () => {
    body.innerHTML = `<div><div class="${name}"><div><p></p></div></div></div>`;
    const output = body.querySelector(`.${name}`);
    const dispose = host.keepCopyOut(body.querySelector("p"), ".copy");
    assert.equal(output.className, `${name} chatwidget-panel-output`);
    dispose();
    assert.equal(output.className, name);
  });
}

test("the copy of what is shown stays out of the page meanwhile, each piece of it", async () => {
  const output = (html) => `<div class="jp-OutputArea-child">${html}</div>`;
  const piece = (html) => output(`<div class="copy">${html}</div>`);
  body.innerHTML = `<div class="jp-OutputArea">${piece("before")}${output("<p></p>")}${piece(
    "<b>a</b><i>b</i>",
  )}${piece("c")}</div>`;
  const copies = () => [...body.querySelectorAll(".copy")].map((copy) => copy.textContent);
  const dispose = host.keepCopyOut(body.querySelector("p"), ".copy");
  assert.deepEqual(copies(), ["before", "", ""]);
  body.querySelectorAll(".jp-OutputArea-child")[3].innerHTML = `<div class="copy">new</div>`;
  body.firstChild.insertAdjacentHTML("beforeend", piece("d"));
  await later();
  assert.deepEqual(copies(), ["before", "", "", ""]);
  dispose();
  assert.deepEqual(copies(), ["before", "ab", "new", "d"]);
  host.keepCopyOut(body, ".copy")();
});

// --- other widgets ---

function manager(view) {
  return { get_model: async (id) => ({ id }), create_view: async (child) => ({ child, ...view() }) };
}

test("a widget is attached by Lumino as soon as its place is in the page", async () => {
  class Widget {
    static attach(widget, place) {
      assert.ok(place.isConnected);
      place.append(widget.node);
    }

    node = document.createElement("button");
  }
  const removed = [];
  const view = () => {
    const luminoWidget = new Widget();
    return {
      luminoWidget,
      el: luminoWidget.node,
      remove() {
        removed.push(luminoWidget.node.isConnected); // Lumino would refuse otherwise
        luminoWidget.node.remove();
      },
    };
  };
  const place = document.createElement("div");
  const mounting = host.mountWidget({ widget_manager: manager(view) }, "IPY_MODEL_abc", place);
  await later();
  body.append(place);
  const dispose = await mounting;
  assert.equal(place.children.length, 1);
  place.remove();
  dispose();
  assert.deepEqual(removed, [true]);
  assert.equal(body.children.length, 0);
});

test("without Lumino a view is put in, and hears that it is displayed", async () => {
  const heard = [];
  const view = () => ({
    el: document.createElement("i"),
    trigger: (name) => heard.push(name),
    remove() {
      this.el.remove();
    },
  });
  const dispose = await host.mountWidget({ widget_manager: manager(view) }, "IPY_MODEL_a", body);
  assert.deepEqual([body.children.length, heard], [1, ["displayed"]]);
  dispose();
  assert.equal(body.children.length, 0);
});

test("a widget whose place never comes is given up", async () => {
  let removed = 0;
  const view = () => ({ el: document.createElement("i"), remove: () => removed++ });
  const stop = new AbortController();
  const place = document.createElement("div");
  const model = { widget_manager: manager(view) };
  const mounting = host.mountWidget(model, "IPY_MODEL_a", place, stop.signal);
  await later();
  stop.abort();
  (await mounting)();
  assert.deepEqual([removed, place.children.length], [1, 0]);
});

// --- lines of input ---

/** The outputs of a cell, which echo a line as JupyterLab's do. */
class Outputs {
  constructor(...names) {
    this.items = names.map((name) => this.output(name, name));
    this.last = names.at(-1) ?? "";
  }

  output(name, text) {
    if (!name) {
      return { type: "display_data", toJSON: () => ({}) };
    }
    const streamText = {
      text,
      remove(start, end) {
        this.text = this.text.slice(0, start) + this.text.slice(end);
      },
    };
    return { type: "stream", streamText, toJSON: () => ({ name }) };
  }

  get length() {
    return this.items.length;
  }

  get(place) {
    return this.items[place];
  }

  add({ name = "", text }) {
    if (name && name === this.last) {
      this.items.at(-1).streamText.text += text; // fails if that is no stream
    } else {
      this.items.push(this.output(name, text));
    }
    this.last = name;
  }

  remove(place) {
    this.items.splice(place, 1);
  }

  get names() {
    return this.items.map((it) => it.toJSON().name ?? "shown");
  }
}

function asking(outputs, { canRemove = true } = {}) {
  body.innerHTML = `<div data-windowed-list-index="0"><div class="jp-OutputArea"><p></p>
    <div class="jp-OutputArea-stdin-hiding"><input class="jp-Stdin-input"></div></div></div>`;
  const area = body.querySelector(".jp-OutputArea");
  const cell = {
    outputs,
    sharedModel: {
      updateOutputs: (start, end) => {
        for (let place = start; place < end; place++) {
          outputs.remove(start);
        }
      },
    },
  };
  if (!canRemove) {
    outputs.remove = undefined;
  }
  const ask = () => {
    const panel = document.createElement("div");
    panel.innerHTML = '<input class="jp-Stdin-input">';
    panel.firstChild.addEventListener("keydown", async ({ key, target }) => {
      assert.equal(key, "Enter");
      await null; // JupyterLab keeps a promise
      panel.className = "jp-OutputArea-stdin-hiding";
      outputs.add({ name: "stdin", text: `Run? ${target.value}\n` });
    });
    area.append(panel);
  };
  const { model } = new Notebook(cell);
  return { ask, answer: (line) => host.answerStdin(model, area.querySelector("p"), line) };
}

test("an answered line leaves nothing, and the next one neither", async () => {
  const outputs = new Outputs("");
  const { ask, answer } = asking(outputs);
  assert.ok(!answer("yes")); // the only field was answered before
  for (const line of ["yes", "no"]) {
    ask();
    assert.ok(answer(line));
    await later();
    assert.deepEqual(outputs.names, ["shown"]);
  }
});

test("what a person typed before stays", async () => {
  const outputs = new Outputs("", "stdin");
  const { ask, answer } = asking(outputs);
  ask();
  answer("yes");
  await later();
  assert.deepEqual(outputs.names, ["shown", "stdin"]);
  assert.equal(outputs.get(1).streamText.text, "stdin");
});

test("what came after the line stays", async () => {
  const outputs = new Outputs("");
  const { ask, answer } = asking(outputs);
  ask();
  answer("yes");
  await null;
  await null;
  outputs.add({ name: "stdout", text: "ran" });
  await later();
  assert.deepEqual(outputs.names, ["shown", "stdout"]);
});

test("where outputs cannot be taken back the line stays", async () => {
  const outputs = new Outputs("");
  const { ask, answer } = asking(outputs, { canRemove: false });
  ask();
  assert.ok(answer("yes"));
  await later();
  assert.deepEqual(outputs.names, ["shown", "stdin"]);
});
