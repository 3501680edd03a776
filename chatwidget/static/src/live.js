// The view of an answer while it streams: see chatwidget/render/display/live.py.

import { Answer, Typesetter } from "./answer.js";
import { button, disposeAll, element, isOneClick, listen } from "./dom.js";
import { handOver } from "./handover.js";
import { answerStdin, canInterrupt, interruptKernel, outputArea, stdinField } from "./host.js";

/** @typedef {import("./messages.js").FromLiveView} FromLiveView */
/** @typedef {import("./messages.js").LiveDecide["decision"]} Decision */
/** @typedef {import("./messages.js").LiveState} LiveState */
/** @typedef {import("./front-end.js").Model<LiveState, FromLiveView>} Model */

/**
 * @param {Model} model
 * @returns {HTMLButtonElement}
 */
function stopButton(model) {
  const title = "Stop this answer and keep what is there";
  const stop = button("Stop", title, onClick, "chatwidget-stop");
  stop.hidden = model.get("interrupts") && !canInterrupt(model);
  return stop;

  /** @param {MouseEvent} event */
  function onClick(event) {
    if (!isOneClick(event)) {
      return;
    }
    stop.disabled = true;
    stop.textContent = "Stopping…";
    model.send({ type: "stop" });
    if (model.get("interrupts")) {
      interruptKernel(model);
    }
  }
}

/** @type {[string, Decision, string][]} */
const DECISIONS = [
  ["Yes", "yes", "Run it this once"],
  ["No", "no", "Tell the model that it may not run"],
  ["Always", "always", "Run it now, and later without asking"],
];

/**
 * Buttons that decide: they write into the field where the front end takes the line that the kernel
 * waits for, if it is in this cell, or send what was decided where none is.
 */
class Decisions {
  /** @param {Model} model */
  constructor(model) {
    this.model = model;
    this.node = element("span", "chatwidget-decisions");
    for (const [label, decision, title] of DECISIONS) {
      /** @param {MouseEvent} event */
      const onClick = (event) => isOneClick(event) && this.#decide(decision);
      const node = button(label, title, onClick, "chatwidget-stop");
      node.setAttribute("aria-label", label); // the group says what it is about
      this.node.append(node);
    }
    this.node.setAttribute("role", "group");
    this.node.setAttribute("aria-label", "May the function run?");
    this.observer = new MutationObserver(() => this.update());
    this.update();
  }

  /** Look for the field when the kernel asks, and when it comes. */
  update() {
    const asks = this.model.get("asks");
    const area = outputArea(this.node);
    this.observer.disconnect();
    if (asks && area) {
      this.observer.observe(area, { childList: true });
    }
    this.node.hidden = !this.model.get("approval_id") && !(asks && stdinField(this.node));
  }

  /** @param {Decision} decision */
  #decide(decision) {
    const approval_id = this.model.get("approval_id");
    if (approval_id) {
      this.model.send({ type: "decide", approval_id, decision });
    } else {
      answerStdin(this.model, this.node, decision);
    }
    this.node.hidden = true;
  }

  dispose() {
    this.observer.disconnect();
  }
}

/**
 * Say how many seconds have passed since now.
 *
 * @param {HTMLElement} node
 * @returns {import("./front-end.js").Dispose}
 */
function countSeconds(node) {
  const began = performance.now();
  const clock = setInterval(() => {
    const passed = Math.round((performance.now() - began) / 1000);
    node.textContent = passed > 1 ? `${passed} s` : "";
  }, 1000);
  return () => clearInterval(clock);
}

/** @param {import("./front-end.js").View<LiveState, FromLiveView>} view */
function render({ model, el }) {
  const typesetter = new Typesetter(model);
  const answer = new Answer(typesetter);
  const decisions = new Decisions(model);
  const label = element("span", "chatwidget-label");
  const seconds = element("span", "chatwidget-seconds");
  const stop = stopButton(model);
  const status = element("div", "chatwidget-status", label, decisions.node, seconds, stop);
  const root = element("div", "chatwidget-answer chatwidget-live jp-RenderedHTMLCommon");
  root.classList.add("mathjax_ignore", "tex2jax_ignore");
  root.append(answer.node, status);
  el.append(root);
  const stopClock = countSeconds(seconds);

  /** @param {import("./messages.js").LiveFrame} message */
  const onMessage = (message) => {
    answer.take(message); // a snapshot comes after one that was missed
  };
  const onSnapshot = () => answer.catchUp(model.get("snapshot"));
  const onLabel = () => {
    label.textContent = model.get("label");
  };
  const onRunning = () => {
    const running = model.get("running");
    root.classList.toggle("chatwidget-running", running);
    answer.node.setAttribute("aria-busy", String(running));
    status.hidden = !running;
    if (!running) {
      stopClock();
      handOver(el, typesetter);
    }
  };
  const dispose = disposeAll([
    stopClock,
    () => typesetter.dispose(),
    () => decisions.dispose(),
    listen(model, "change:asks change:approval_id", () => decisions.update()),
    listen(model, "change:label", onLabel),
    listen(model, "msg:custom", onMessage),
    listen(model, "change:snapshot", onSnapshot),
    listen(model, "change:running", onRunning),
  ]);
  onLabel();
  onSnapshot();
  onRunning();
  model.send({ type: "ready" });
  return dispose;
}

export default { render };
