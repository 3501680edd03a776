// The conversation in the panel: see chatwidget/panel/transcript.py for what it is sent.
// It stands on answer.js and turn.js.

const STRETCH = 16; // turns
const NEAR_THE_END = 60; // px: who is nearer than this to the end wants to see what comes

/** All turns, in their order; it stays at the end unless the person has scrolled up. */
class Transcript {
  constructor(model, el) {
    this.model = model;
    this.typesetter = new Typesetter(model);
    this.makeCell = cellMaker(model, el);
    this.turns = new Map();
    this.number = 0;
    this.follows = true;
    this.list = element("div", "chatwidget-turns");
    this.list.setAttribute("role", "log");
    this.list.setAttribute("aria-live", "polite");
    this.list.setAttribute("aria-label", "Conversation");
    this.list.tabIndex = 0;
    this.sentence = element("div", "chatwidget-sentence");
    this.sentence.setAttribute("role", "status");
    this.jump = button("↓ To the end", "To the end of the conversation", () => {
      this.follows = true;
      this.keepUp();
    });
    this.jump.classList.add("chatwidget-jump");
    this.node = element("div", "chatwidget-transcript chatwidget-answer jp-RenderedHTMLCommon");
    this.node.classList.add("mathjax_ignore", "tex2jax_ignore");
    this.node.append(this.list, this.jump, this.sentence);
    this.list.addEventListener("scroll", () => this.onScroll());
    this.resizing = new ResizeObserver(() => this.keepUp());
    this.resizing.observe(this.list);
    this.jump.hidden = true;
    this.empty();
  }

  act(fields) {
    this.model.send({ type: "action", ...fields });
  }

  askForAll() {
    if (!this.waits) {
      this.waits = true;
      this.model.send({ type: "ready" });
    }
  }

  take(message) {
    if (message.number !== this.number + 1) {
      if (message.number > this.number) {
        this.askForAll(); // one was missed
      }
      return;
    }
    this.number = message.number;
    if (message.type === "turns") {
      this.arrange(message.order, message.turns);
    } else if (message.type === "frame") {
      this.turns.get(message.id)?.grow(message.parts, false);
    } else if (message.type === "ask") {
      this.turns.get(message.id)?.ask(message.token, message.name);
    } else if (message.type === "say") {
      this.sentence.textContent = message.sentence;
    }
    this.keepUp();
  }

  catchUp({ number, order, turns, growing, sentence }) {
    if (number === undefined || number < this.number) {
      return;
    }
    this.waits = false;
    this.number = number;
    this.arrange(order, turns);
    if (growing.id) {
      this.turns.get(growing.id)?.grow(growing.parts, true);
      this.turns.get(growing.id)?.ask(growing.token, growing.name);
    }
    this.sentence.textContent = sentence;
    this.keepUp();
  }

  arrange(order, changed) {
    for (const data of changed) {
      const turn = this.turns.get(data.id) ?? new Turn(this, data.id);
      this.turns.set(data.id, turn);
      turn.show(data);
    }
    for (const [name, turn] of this.turns) {
      if (!order.includes(name)) {
        turn.node.remove();
        this.turns.delete(name);
      }
    }
    this.empty();
    order.forEach((name, place) => {
      const { node } = this.turns.get(name);
      node.setAttribute("aria-label", `Turn ${place + 1}`);
      const stretch = this.stretch(Math.floor(place / STRETCH));
      if (stretch.children[place % STRETCH] !== node) {
        stretch.insertBefore(node, stretch.children[place % STRETCH] ?? null);
      }
    });
    [...this.list.querySelectorAll(":scope > .chatwidget-stretch:empty")].forEach((it) => it.remove());
  }

  /** Turns stand in stretches, of which only those in sight take part in the layout of the page. */
  stretch(place) {
    if (!this.list.children[place]) {
      const added = this.list.appendChild(element("div", "chatwidget-stretch"));
      this.resizing.observe(added);
    }
    return this.list.children[place];
  }

  /** What stands here before the first question: three to try. */
  empty() {
    this.list.querySelector(".chatwidget-empty")?.remove();
    if (this.turns.size) {
      return;
    }
    const node = element("div", "chatwidget-empty", "Ask something, or try one of these:");
    for (const example of this.model.get("examples")) {
      node.append(button(example, example, () => this.act({ name: "ask", text: example })));
    }
    this.list.append(node);
  }

  keepUp() {
    if (this.follows) {
      this.list.scrollTop = this.list.scrollHeight;
    }
  }

  /** To scroll up is to let go, to come near the end is to follow again. */
  onScroll() {
    const { scrollHeight, scrollTop, clientHeight } = this.list;
    const isUp = scrollTop < this.top && scrollHeight >= this.height;
    if (isUp) {
      this.follows = false;
    } else if (scrollHeight - scrollTop - clientHeight < NEAR_THE_END) {
      this.follows = true;
    }
    this.top = scrollTop;
    this.height = scrollHeight;
    this.jump.hidden = this.follows;
  }

  dispose() {
    this.typesetter.dispose();
    this.resizing.disconnect();
  }
}

function render({ model, el }) {
  const transcript = new Transcript(model, el);
  el.append(transcript.node);
  const onMessage = (message) => transcript.take(message);
  const onSnapshot = () => transcript.catchUp(model.get("snapshot"));
  model.on("msg:custom", onMessage);
  model.on("change:snapshot", onSnapshot);
  onSnapshot();
  transcript.waits = false;
  transcript.askForAll();
  return () => {
    transcript.dispose();
    model.off("msg:custom", onMessage);
    model.off("change:snapshot", onSnapshot);
  };
}

export default { render };
