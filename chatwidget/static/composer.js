// The field in which a question is written: see chatwidget/panel/composer.py.

const PATIENCE = 500; // ms until a kernel that has not answered counts as busy
const LARGEST = 20 * 2 ** 20; // bytes

function element(tag, className, ...children) {
  const node = document.createElement(tag);
  node.className = className;
  node.append(...children);
  return node;
}

class Composer {
  constructor(model) {
    this.model = model;
    this.files = [];
    this.recalled = -1;
    this.field = element("textarea", "chatwidget-field-of-text");
    this.field.rows = 1;
    this.field.dir = "auto";
    this.field.setAttribute("aria-label", "Your question");
    this.field.placeholder = "Ask something";
    this.send = element("button", "chatwidget-send", "Send");
    this.send.type = "button";
    this.attach = element("button", "chatwidget-attach", "+");
    this.attach.type = "button";
    this.attach.title = "Attach an image or a file; pasting and dropping work, too";
    this.attach.setAttribute("aria-label", "Attach an image or a file");
    this.picker = element("input", "");
    this.picker.type = "file";
    this.picker.multiple = true;
    this.picker.hidden = true;
    this.shelf = element("div", "chatwidget-shelf");
    this.status = element("div", "chatwidget-sentence");
    this.status.setAttribute("role", "status");
    this.box = element("input", "");
    this.box.type = "checkbox";
    const option = element("label", "chatwidget-option", this.box, "Enter sends");
    this.node = element("div", "chatwidget-composer");
    // JupyterLab's shortcuts stay out: Shift+Enter is a new line here
    this.node.dataset.lmSuppressShortcuts = "true";
    const row = element("div", "chatwidget-composer-row", this.attach, this.field, this.send);
    this.node.append(this.shelf, row, element("div", "chatwidget-composer-foot", this.status, option));
    this.node.append(this.picker);
    this.listen();
    this.field.value = this.model.get("draft");
    requestAnimationFrame(() => this.grow());
    this.follow();
  }

  listen() {
    this.node.addEventListener("keydown", (event) => this.onKey(event));
    this.field.addEventListener("input", () => {
      this.recalled = -1;
      this.grow();
      this.keep();
    });
    this.send.addEventListener("click", (event) => {
      if (event.detail < 2) {
        // the second click of a double click would stop what the first one has sent
        this.running ? this.stop() : this.submit();
      }
    });
    this.attach.addEventListener("click", () => this.picker.click());
    this.picker.addEventListener("change", () => {
      this.take(this.picker.files);
      this.picker.value = "";
    });
    this.field.addEventListener("paste", (event) => {
      if (event.clipboardData.files.length) {
        event.preventDefault();
        this.take(event.clipboardData.files);
      }
    });
    this.node.addEventListener("dragover", (event) => event.preventDefault());
    this.node.addEventListener("drop", (event) => {
      event.preventDefault();
      event.stopPropagation();
      this.take(event.dataTransfer.files);
    });
    this.box.addEventListener("change", () => {
      this.model.set("enter_sends", this.box.checked);
      this.model.save_changes();
    });
  }

  get running() {
    return this.model.get("running");
  }

  onKey(event) {
    event.stopPropagation(); // the notebook has keys of its own
    if (event.isComposing) {
      return;
    }
    if (event.key === "Escape" && (this.running || this.waiting)) {
      event.preventDefault();
      this.stop();
    } else if (event.target !== this.field) {
      return;
    } else if (event.key === "Enter" && this.sends(event)) {
      event.preventDefault();
      this.submit();
    } else if (event.key === "ArrowUp" && (this.field.value === "" || this.recalled >= 0)) {
      event.preventDefault();
      this.recall(1);
    } else if (event.key === "ArrowDown" && this.recalled >= 0) {
      event.preventDefault();
      this.recall(-1);
    }
  }

  sends(event) {
    return event.ctrlKey || event.metaKey || (this.model.get("enter_sends") && !event.shiftKey);
  }

  /** Bring an earlier prompt back; further down is the empty field again. */
  recall(step) {
    const prompts = this.model.get("prompts");
    this.recalled = Math.min(this.recalled + step, prompts.length - 1);
    this.field.value = this.recalled < 0 ? "" : prompts[prompts.length - 1 - this.recalled];
    this.grow();
  }

  take(files) {
    for (const file of files) {
      if (file.size > LARGEST) {
        this.say(`${file.name} is larger than 20 MB.`);
      } else {
        this.files.push(file);
      }
    }
    this.showFiles();
  }

  showFiles() {
    const tags = this.files.map((file) => {
      const remove = element("button", "chatwidget-action", "✕");
      remove.type = "button";
      remove.setAttribute("aria-label", `Remove ${file.name}`);
      remove.addEventListener("click", () => {
        this.files = this.files.filter((other) => other !== file);
        this.showFiles();
      });
      return element("span", "chatwidget-tag", file.name, remove);
    });
    this.shelf.replaceChildren(...tags);
  }

  /** Let the kernel keep what is written, for a page that is loaded anew. */
  keep() {
    clearTimeout(this.keeping);
    this.keeping = setTimeout(() => {
      this.model.set("draft", this.field.value);
      this.model.save_changes();
    }, PATIENCE);
  }

  /** Say what becomes of something that the kernel does not answer to. */
  explain(doing) {
    const kernel = this.model.widget_manager?.kernel;
    const isThere = !kernel || kernel.connectionStatus === "connected";
    if (isThere && kernel?.status !== "dead") {
      this.say(`The kernel is busy with a cell: this ${doing} as soon as it is free.`);
    } else {
      this.waiting = false;
      this.follow();
      this.say("The kernel cannot be reached. The text stays here; send it when it is back.");
    }
  }

  async submit() {
    const text = this.field.value;
    clearTimeout(this.keeping);
    if (this.waiting || (!text.trim() && !this.files.length)) {
      return;
    }
    this.waiting = true;
    this.sent = text;
    this.follow();
    const buffers = await Promise.all(this.files.map((file) => file.arrayBuffer()));
    const names = this.files.map((file) => file.name);
    this.model.send({ type: "send", text, enclosures: names }, undefined, buffers);
    this.timer = setTimeout(() => this.explain("is sent"), PATIENCE);
  }

  stop() {
    clearTimeout(this.timer);
    this.model.send({ type: "stop" });
    this.send.textContent = "Stopping…";
    this.timer = setTimeout(() => this.explain("stops"), PATIENCE);
  }

  /** The kernel has the text, or says why it does not take it: then it stays here. */
  answered(message) {
    if (!this.waiting) {
      return; // another view of this field has sent
    }
    clearTimeout(this.timer);
    this.waiting = false;
    if (message.type === "taken") {
      this.field.value = this.field.value === this.sent ? "" : this.field.value;
      this.files = [];
      this.recalled = -1;
      this.showFiles();
      this.grow();
    }
    this.follow();
    this.say(message.sentence ?? "");
  }

  follow() {
    clearTimeout(this.timer);
    this.send.textContent = this.running ? "Stop" : "Send";
    this.send.title = this.running ? "Stop this answer (Esc)" : "Send (Enter, or Ctrl+Enter)";
    this.send.classList.toggle("chatwidget-stop", this.running);
    this.send.disabled = Boolean(this.waiting) && !this.running;
    this.box.checked = this.model.get("enter_sends");
    if (!this.waiting) {
      this.say("");
    }
  }

  say(sentence) {
    this.status.textContent = sentence;
  }

  grow() {
    this.field.style.height = "auto";
    this.field.style.height = `${Math.min(this.field.scrollHeight + 2, 240)}px`;
  }
}

function render({ model, el }) {
  const composer = new Composer(model);
  el.append(composer.node);
  const onMessage = (message) => composer.answered(message);
  const onChange = () => composer.follow();
  model.on("msg:custom", onMessage);
  model.on("change:running", onChange);
  model.on("change:enter_sends", onChange);
  return () => {
    model.off("msg:custom", onMessage);
    model.off("change:running", onChange);
    model.off("change:enter_sends", onChange);
  };
}

export default { render };
