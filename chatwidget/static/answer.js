// An answer that grows: parts, in blocks that are settled once and an open end.
//
// Its users, live.js and transcript.js, are joined to it by chatwidget/render/display/scripts.py. The
// HTML that comes here was built by chatwidget's renderer from its allow-list. It becomes nodes in
// one place, `fragment`; everything else is made with DOM calls.

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

/** The second click of a double click does nothing: another button may stand there by then. */
function isOneClick(event) {
  return event.detail < 2; // 0 by the keyboard
}

const FORMULA = ".chatwidget-math";
const FEW = 8; // formulas that are typeset at once, without the page standing still

function formulasOf(block) {
  return [...(block.matches(FORMULA) ? [block] : []), ...block.querySelectorAll(FORMULA)];
}

/** Lets the host typeset formulas, if it can, as soon as they are in sight. */
class Typesetter {
  constructor(model) {
    this.host = model.widget_manager?.rendermime?.latexTypesetter;
    this.texts = new WeakMap(); // what formulas were before they were typeset
    this.observer =
      this.host &&
      new IntersectionObserver((entries) => {
        for (const { isIntersecting, target } of entries) {
          if (isIntersecting) {
            this.observer.unobserve(target);
            for (const formula of formulasOf(target)) {
              this.texts.set(formula, formula.textContent);
              this.host.typeset(formula);
            }
          }
        }
      });
  }

  /** Typeset what the renderer took for mathematics, and nothing else, each as it is seen. */
  watch(block) {
    formulasOf(block).forEach((formula) => this.observer?.observe(formula));
  }

  /** The same for an answer that is there as a whole: with few formulas it is seen as one. */
  watchWhole(answer) {
    const count = formulasOf(answer).length;
    if (count > FEW) {
      this.watch(answer);
    } else if (count) {
      this.observer?.observe(answer);
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
      this.typesetter?.watch(block);
      inside(before).append(...inside(block).childNodes);
    } else {
      this.end.before(block);
      this.typesetter?.watch(block);
    }
  }
}

const KINDS = ["heading", "reasoning", "content", "refusal", "tools", "end"];

/** The name of a part; names sort as parts are shown. */
function nameOf({ round, choice, kind }) {
  const digits = (number) => String(number).padStart(4, "0");
  return `${digits(round)}.${digits(choice)}.${KINDS.indexOf(kind)}.${kind}`;
}

/** A node whose children stand in the order of their names. */
class Ordered {
  constructor(node) {
    this.node = node;
    this.names = [];
  }

  insert(name, child) {
    const place = this.names.filter((other) => other < name).length;
    this.names.splice(place, 0, name);
    this.node.insertBefore(child, this.node.children[place] ?? null);
  }
}

/** All parts, in the order of their names; those of several answers in a column for each. */
class Answer {
  constructor(typesetter) {
    this.typesetter = typesetter;
    this.parts = new Map();
    this.columns = new Map();
    this.number = 0;
    this.node = element("div", "chatwidget-answer-body");
    this.choices = new Ordered(this.node);
    this.node.setAttribute("role", "log");
    this.node.setAttribute("aria-live", "polite");
    this.node.setAttribute("aria-label", "Answer");
  }

  part(name) {
    if (!this.parts.has(name)) {
      const part = new Part(this.typesetter, name);
      this.column(name.split(".").at(-3)).insert(name, part.node);
      this.parts.set(name, part);
      this.foldReasoning(part);
    }
    return this.parts.get(name);
  }

  column(name) {
    if (!this.columns.has(name)) {
      const column = new Ordered(element("div", "chatwidget-column"));
      this.columns.set(name, column);
      this.choices.insert(name, column.node);
      this.node.classList.toggle("chatwidget-choices", this.columns.size > 1);
    }
    return this.columns.get(name);
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
    if (number !== this.number + 1 || !parts.every((change) => this.part(nameOf(change.part)).fits(change))) {
      return;
    }
    this.number = number;
    parts.forEach((change) => this.part(nameOf(change.part)).apply(change));
  }

  catchUp({ number, parts }) {
    if (number > this.number) {
      this.number = number;
      for (const change of parts) {
        this.part(nameOf(change.part)).reset();
        this.part(nameOf(change.part)).apply(change);
      }
    }
  }
}
