// One turn of the conversation in the panel, and what can be done with it. It stands on answer.js;
// transcript.js stands on it.

function button(label, title, onClick) {
  const node = element("button", "chatwidget-action", label);
  node.type = "button";
  node.title = title;
  node.setAttribute("aria-label", title);
  node.addEventListener("click", onClick);
  return node;
}

/** Copy text; a page that may not write to the clipboard says so. */
async function copy(text, from) {
  const label = from.textContent;
  try {
    await navigator.clipboard.writeText(text);
    from.textContent = "Copied";
  } catch {
    from.textContent = "Not allowed";
  }
  setTimeout(() => (from.textContent = label), 1500);
}

/** What puts code into a new cell below the panel's own, where the notebook can be reached. */
function cellMaker(model, el) {
  const notebook = model.widget_manager?.context?.model?.sharedModel;
  if (!notebook?.insertCell) {
    return null;
  }
  return (source) => {
    const own = Number(el.closest("[data-windowed-list-index]")?.dataset.windowedListIndex);
    const place = Number.isInteger(own) ? own + 1 : notebook.cells.length;
    notebook.insertCell(place, { cell_type: "code", source });
  };
}

/** The buttons of each block of code. */
function equipCode(root, makeCell) {
  for (const block of root.querySelectorAll("pre.chatwidget-code:not([data-equipped])")) {
    block.dataset.equipped = "";
    block.tabIndex = 0; // it scrolls, and has nothing in it to put the focus on
    const code = () => block.querySelector("code").textContent.replace(/\n$/, "");
    const bar = element("div", "chatwidget-code-bar");
    bar.append(button("Copy", "Copy this code", (event) => copy(code(), event.currentTarget)));
    if (makeCell) {
      bar.append(button("To a new cell", "To a new cell: put this code below", () => makeCell(code())));
    }
    block.before(bar);
  }
}

/** One turn: the prompt, the answer, what is known of it, and what can be done with it. */
class Turn {
  constructor(view, name) {
    this.view = view;
    this.name = name;
    this.prompt = element("div", "chatwidget-prompt");
    this.prompt.dir = "auto";
    this.enclosures = element("div", "chatwidget-enclosures");
    this.body = element("div", "chatwidget-turn-body");
    this.body.dir = "auto";
    this.question = element("div", "chatwidget-decisions");
    this.question.setAttribute("role", "group");
    this.notice = element("div", "chatwidget-notice");
    this.footer = element("div", "chatwidget-turn-footer");
    this.node = element("article", "chatwidget-turn");
    this.node.append(this.enclosures, this.prompt, this.body, this.question, this.notice);
    this.node.append(this.footer);
  }

  act(name, fields = {}) {
    this.view.act({ name, turn: this.name, ...fields });
  }

  show(data) {
    const focused = this.node.contains(document.activeElement) ? document.activeElement.title : "";
    this.data = data;
    this.prompt.textContent = data.prompt;
    this.prompt.hidden = !data.prompt;
    this.showEnclosures();
    this.node.classList.toggle("chatwidget-running", data.running);
    this.body.setAttribute("aria-busy", String(data.running));
    this.answer = new Answer(data.running ? this.view.typesetter : null);
    this.answer.node.removeAttribute("role"); // the whole conversation is one log
    this.answer.node.removeAttribute("aria-label");
    this.body.replaceChildren(this.answer.node);
    this.answer.catchUp({ number: 1, parts: data.parts });
    this.ask("", "");
    this.notice.textContent = data.notice;
    this.notice.hidden = !data.notice;
    this.footer.replaceChildren(...this.facts(), ...(data.running ? [] : this.actions()));
    if (!data.running) {
      this.view.typesetter.watchWhole(this.body);
      equipCode(this.body, this.view.makeCell);
      this.offerChoice();
    }
    if (focused) {
      const same = [...this.node.querySelectorAll("button")].find((it) => it.title === focused);
      (same ?? this.view.list).focus();
    }
  }

  /** What was asked about beside the text: images of this person's own, and names of files. */
  showEnclosures() {
    const pictures = this.data.pictures.map((url) => {
      const picture = element("img", "chatwidget-picture");
      picture.src = url;
      picture.alt = "Attached image";
      return picture;
    });
    const files = this.data.files.map((name) => element("span", "chatwidget-tag", name));
    this.enclosures.replaceChildren(...pictures, ...files);
    this.enclosures.hidden = !this.enclosures.children.length;
  }

  /** Ask whether a function may run that is shown above with its arguments. */
  ask(token, name) {
    this.question.hidden = !token;
    this.question.replaceChildren();
    if (!token) {
      return;
    }
    const decide = (action, always) => (event) =>
      isOneClick(event) && this.act(action, { text: token, always });
    this.question.setAttribute("aria-label", `May ${name} run?`);
    this.question.append(
      element("span", "", "May ", element("code", "", name), " run?"),
      button("Approve", `Approve: ${name} runs this once`, decide("approve", false)),
      button("Always", `Always: ${name} runs now and later without asking`, decide("approve", true)),
      button("Deny", `Deny: the model is told that ${name} may not run`, decide("deny", false)),
    );
  }

  grow(parts, whole) {
    const number = whole ? 2 : this.answer.number + 1;
    whole ? this.answer.catchUp({ number, parts }) : this.answer.take({ number, parts });
  }

  facts() {
    const dots = element("span", "chatwidget-dots", "●●●");
    dots.setAttribute("aria-label", "being written");
    const facts = element("span", "chatwidget-facts", this.data.facts.join(" · "));
    return this.data.running ? [dots, facts] : [facts];
  }

  actions() {
    const { texts, chosen, why } = this.data;
    const actions = element("span", "chatwidget-actions", ...this.versions());
    const text = texts[chosen] ?? "";
    actions.append(
      button("Copy", "Copy this answer", (event) => copy(text, event.currentTarget)),
      button("Edit", "Edit the question and ask again", () => this.edit()),
      button("Again", "Ask the same question again", () => this.act("regenerate")),
      button("Pin", "Pin this answer, to compare it with the next", () => this.act("pin")),
      button("Use settings", "Use the settings of this answer", () => this.act("adopt")),
      button("Delete", "Delete this question and what followed", () => this.act("delete")),
    );
    const details = element("details", "chatwidget-why", element("summary", "", "Why"));
    details.append(element("ul", "", ...why.map((each) => element("li", "", each))));
    return [actions, details];
  }

  versions() {
    const { versions } = this.data;
    const place = versions.indexOf(this.name);
    if (versions.length < 2) {
      return [];
    }
    const go = (to) => this.view.act({ name: "show", turn: versions[to] });
    const back = button("‹", "Earlier version", () => go(place - 1));
    const on = button("›", "Later version", () => go(place + 1));
    back.disabled = place === 0;
    on.disabled = place === versions.length - 1;
    return [back, element("span", "chatwidget-place", `${place + 1}/${versions.length}`), on];
  }

  /** In each of several answers but the one in use, a button that lets it be used. */
  offerChoice() {
    for (const [name, { node }] of this.data.texts.length > 1 ? this.answer.columns : []) {
      const index = Number(name);
      const isChosen = index === this.data.chosen;
      node.classList.toggle("chatwidget-chosen", isChosen);
      if (!isChosen) {
        const use = button("Use this one", `Use this one: choice ${index + 1}`, () =>
          this.act("choose", { index }),
        );
        node.querySelector(".chatwidget-choice")?.append(use);
      }
    }
  }

  edit() {
    const field = element("textarea", "chatwidget-edit");
    field.value = this.data.prompt;
    field.rows = Math.min(12, this.data.prompt.split("\n").length + 1);
    field.dir = "auto";
    field.setAttribute("aria-label", "Edit the question");
    const close = () => {
      bar.remove();
      field.replaceWith(this.prompt);
    };
    const send = () => {
      this.act("edit", { text: field.value });
      close();
    };
    const bar = element("div", "chatwidget-actions");
    bar.append(button("Send", "Send this as another version", send), button("Cancel", "Cancel", close));
    field.addEventListener("keydown", (event) => {
      if (event.key === "Escape") {
        close();
      } else if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
        send();
      }
    });
    this.prompt.replaceWith(field);
    field.after(bar);
    field.focus();
  }
}
