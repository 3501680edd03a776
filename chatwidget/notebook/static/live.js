// The view of an answer while it streams: see chatwidget/notebook/live.py for what it is sent.
//
// The HTML that comes here was built by chatwidget's renderer from its allow-list. It becomes
// nodes in one place, `fragment`; everything else is made with DOM calls.

function fragment(html) {
  const template = document.createElement("template");
  template.innerHTML = html;
  return template.content;
}

function element(tag, className, ...children) {
  const node = document.createElement(tag);
  node.className = className;
  node.append(...children);
  return node;
}

/** Lets the host typeset formulas, if it can, as soon as each is in sight. */
class Typesetter {
  constructor(model) {
    const host = model.widget_manager?.rendermime?.latexTypesetter;
    this.observer =
      host &&
      new IntersectionObserver((entries) => {
        for (const { isIntersecting, target } of entries) {
          if (isIntersecting) {
            this.observer.unobserve(target);
            host.typeset(target);
          }
        }
      });
  }

  /** Typeset what the renderer took for mathematics, and nothing else. */
  watch(block) {
    const formulas = block.matches(".chatwidget-math") ? [block] : [];
    for (const formula of [...formulas, ...block.querySelectorAll(".chatwidget-math")]) {
      this.observer?.observe(formula);
    }
  }

  dispose() {
    this.observer?.disconnect();
  }
}

/** Where the children of a code block, table or list are. */
function inside(block) {
  return block.querySelector(":scope > code, :scope > table > tbody") ?? block;
}

/** One part of the answer: settled blocks, and an open end that is drawn anew. */
class Part {
  constructor(typesetter, name) {
    this.typesetter = typesetter;
    this.name = name;
    this.kind = name.split(".").pop();
    this.end = element("div", "chatwidget-tail");
    this.end.setAttribute("aria-live", "off"); // read out when it is settled
    const folds = this.kind === "reasoning";
    this.node = element(folds ? "details" : "div", `chatwidget-part chatwidget-${this.kind}`);
    if (folds) {
      this.node.open = true;
      this.node.append(element("summary", "", "Reasoning"));
    }
    this.node.append(this.end);
    this.reset();
  }

  reset() {
    this.count = 0;
    this.tail = "";
    while (this.end.previousSibling && this.end.previousSibling.localName !== "summary") {
      this.end.previousSibling.remove();
    }
  }

  fits(change) {
    return change.start === this.count && change.keep <= this.tail.length;
  }

  apply(change) {
    for (const html of change.settled) {
      for (const block of [...fragment(html).children]) {
        this.settle(block);
      }
    }
    this.count += change.settled.length;
    this.tail = this.tail.slice(0, change.keep) + change.add;
    this.end.replaceChildren(fragment(this.tail));
  }

  settle(block) {
    const before = this.end.previousElementSibling;
    if (block.classList.contains("chatwidget-continued") && before?.localName === block.localName) {
      this.typesetter.watch(block);
      inside(before).append(...inside(block).childNodes);
    } else {
      this.end.before(block);
      this.typesetter.watch(block);
    }
  }
}

/** All parts, in the order of their names. */
class Answer {
  constructor(typesetter) {
    this.typesetter = typesetter;
    this.parts = new Map();
    this.number = 0;
    this.node = element("div", "chatwidget-answer-body");
    this.node.setAttribute("role", "log");
    this.node.setAttribute("aria-live", "polite");
    this.node.setAttribute("aria-label", "Answer");
  }

  part(name) {
    if (!this.parts.has(name)) {
      const part = new Part(this.typesetter, name);
      const next = [...this.parts.values()].filter((other) => other.name > name);
      next.sort((one, other) => (one.name < other.name ? -1 : 1));
      this.node.insertBefore(part.node, next[0]?.node ?? null);
      this.parts.set(name, part);
      this.foldReasoning(part);
    }
    return this.parts.get(name);
  }

  /** Thinking is over when the text begins. */
  foldReasoning(added) {
    const reasoning = this.parts.get(added.name.replace("2.content", "1.reasoning"));
    if (added.kind === "content" && reasoning) {
      reasoning.node.open = false;
    }
  }

  /** Apply a message, if none before it was missed: else a snapshot will come. */
  take({ number, parts }) {
    if (number !== this.number + 1 || !parts.every((change) => this.part(change.name).fits(change))) {
      return;
    }
    this.number = number;
    parts.forEach((change) => this.part(change.name).apply(change));
  }

  catchUp({ number, parts }) {
    if (number > this.number) {
      this.number = number;
      for (const change of parts) {
        this.part(change.name).reset();
        this.part(change.name).apply(change);
      }
    }
  }
}

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
  button.addEventListener("click", () => {
    button.disabled = true;
    button.textContent = "Stopping…";
    model.send({ type: "stop" });
    if (model.get("interrupts")) {
      interrupt();
    }
  });
  return button;
}

function render({ model, el }) {
  const typesetter = new Typesetter(model);
  const answer = new Answer(typesetter);
  const label = element("span", "chatwidget-label", model.get("label"));
  const seconds = element("span", "chatwidget-seconds");
  const button = stopButton(model);
  const status = element("div", "chatwidget-status", label, seconds, button);
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
    }
  };
  const onLabel = () => {
    label.textContent = model.get("label");
  };
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
    model.off("change:label", onLabel);
    model.off("msg:custom", onMessage);
    model.off("change:snapshot", onSnapshot);
    model.off("change:running", onRunning);
  };
}

export default { render };
