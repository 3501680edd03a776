// The view of an answer while it streams: see chatwidget/render/display/live.py for what it is sent.
// It stands on answer.js and handover.js.

/** What can interrupt the kernel from here, if anything can. */
function interrupter(model) {
  const kernel = model.widget_manager?.kernel;
  return kernel?.interrupt ? () => kernel.interrupt() : null;
}

function stopButton(model) {
  const button = element("button", "chatwidget-stop", "Stop");
  const interrupt = interrupter(model);
  button.type = "button";
  button.title = "Stop this answer and keep what is there";
  button.hidden = model.get("interrupts") && !interrupt;
  button.addEventListener("click", (event) => {
    if (!isOneClick(event)) {
      return;
    }
    button.disabled = true;
    button.textContent = "Stopping…";
    model.send({ type: "stop" });
    if (model.get("interrupts")) {
      interrupt();
    }
  });
  return button;
}

/** The field in which JupyterLab takes the line that the kernel waits for, if it is in this cell. */
function inputField(node) {
  const fields = node.closest(".jp-OutputArea")?.querySelectorAll(".jp-Stdin-input") ?? [];
  return [...fields].pop(); // one that was answered goes a little later
}

/** Buttons that decide: they write into that field, or send what was decided where none is. */
class Decisions {
  constructor(model) {
    this.model = model;
    this.node = element("span", "chatwidget-decisions");
    this.node.setAttribute("role", "group");
    this.node.setAttribute("aria-label", "May the function run?");
    for (const [text, answer, title] of [
      ["Yes", "yes", "Run it this once"],
      ["No", "no", "Tell the model that it may not run"],
      ["Always", "always", "Run it now, and later without asking"],
    ]) {
      const button = element("button", "chatwidget-stop", text);
      button.type = "button";
      button.title = title;
      button.addEventListener("click", (event) => isOneClick(event) && this.answer(answer));
      this.node.append(button);
    }
    this.observer = new MutationObserver(() => this.update());
    this.update();
  }

  /** Look for the field when the kernel asks, and when it comes. */
  update() {
    const asks = this.model.get("asks");
    const area = this.node.closest(".jp-OutputArea");
    this.observer.disconnect();
    if (asks && area) {
      this.observer.observe(area, { childList: true });
    }
    this.node.hidden = !this.model.get("token") && !(asks && inputField(this.node));
  }

  answer(decision) {
    const token = this.model.get("token");
    const field = inputField(this.node);
    if (token) {
      this.model.send({ type: "decide", token, decision });
    } else if (field) {
      field.value = decision;
      field.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", bubbles: true }));
    }
    this.node.hidden = true;
  }

  dispose() {
    this.observer.disconnect();
  }
}

function render({ model, el }) {
  const typesetter = new Typesetter(model);
  const answer = new Answer(typesetter);
  const label = element("span", "chatwidget-label", model.get("label"));
  const seconds = element("span", "chatwidget-seconds");
  const button = stopButton(model);
  const decisions = new Decisions(model);
  const status = element("div", "chatwidget-status", label, decisions.node, seconds, button);
  const root = element("div", "chatwidget-answer chatwidget-live jp-RenderedHTMLCommon");
  root.classList.add("mathjax_ignore", "tex2jax_ignore");
  root.append(answer.node, status);
  el.append(root);

  const began = performance.now();
  const clock = setInterval(() => {
    const passed = Math.round((performance.now() - began) / 1000);
    seconds.textContent = passed > 1 ? `${passed} s` : "";
  }, 1000);

  const onMessage = (message) => message?.type === "frame" && answer.take(message);
  const onSnapshot = () => answer.catchUp({ number: 0, parts: [], ...model.get("snapshot") });
  const onRunning = () => {
    const running = model.get("running");
    root.classList.toggle("chatwidget-running", running);
    answer.node.setAttribute("aria-busy", String(running));
    status.hidden = !running;
    if (!running) {
      clearInterval(clock);
      handOver(el, typesetter);
    }
  };
  const onLabel = () => {
    label.textContent = model.get("label");
  };
  const onAsks = () => decisions.update();
  model.on("change:asks", onAsks);
  model.on("change:token", onAsks);
  model.on("change:label", onLabel);
  model.on("msg:custom", onMessage);
  model.on("change:snapshot", onSnapshot);
  model.on("change:running", onRunning);
  onSnapshot();
  onRunning();
  model.send({ type: "ready" });

  return () => {
    clearInterval(clock);
    typesetter.dispose();
    decisions.dispose();
    model.off("change:asks", onAsks);
    model.off("change:token", onAsks);
    model.off("change:label", onLabel);
    model.off("msg:custom", onMessage);
    model.off("change:snapshot", onSnapshot);
    model.off("change:running", onRunning);
  };
}

export default { render };
