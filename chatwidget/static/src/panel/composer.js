// The field in which a question is written.

import { button, disposeAll, element, isOneClick } from "../dom.js";
import { Attachments } from "./attachments.js";
import { LONGEST_TEXT, Recall, sends } from "./composer_rules.js";
import { Draft } from "./draft.js";
import { icon } from "./icons.js";

/** @typedef {import("../messages.js").PanelState} PanelState */

const HIGHEST = 240; // px
const ATTACH = "Attach an image or a file; pasting and dropping work, too";

function questionField() {
  const field = element("textarea", "chatwidget-question");
  field.rows = 1;
  field.dir = "auto";
  field.placeholder = "Ask something";
  field.setAttribute("aria-label", "Your question");
  return field;
}

/** A field, what goes along, and the button that sends or stops. */
export class Composer {
  node = element("div", "chatwidget-composer");
  field = questionField();
  send = element("button", "chatwidget-send chatwidget-primary", "Send");
  attach = button("", ATTACH, () => this.picker.click(), "chatwidget-attach");
  picker = element("input", "");
  status = element("div", "chatwidget-status");
  box = element("input", "");

  /** @param {import("./context.js").Context} context */
  constructor({ store, asker }) {
    this.store = store;
    this.asker = asker;
    this.recall = new Recall();
    this.isOff = false;
    this.isReading = false;
    this.server = ""; // who was asked when something was said last
    /** @type {(text: string) => void} */
    this.onText = () => {};
    this.draft = new Draft(store, this.field);
    this.attachments = new Attachments((problem) => this.say(problem));
    this.assemble();
    this.listen();
    asker.onSentence = (sentence) => this.say(sentence);
    this.dispose = disposeAll([
      () => this.draft.wait(),
      () => this.attachments.dispose(),
      store.watch(["draft"], ({ draft }) => this.restore(draft)),
      store.watch(["running", "enter_sends"], () => this.follow()),
      store.watch(["server"], ({ server }) => this.mended(server)),
    ]);
  }

  assemble() {
    this.send.type = "button";
    this.attach.append(icon("clip"));
    this.picker.type = "file";
    this.picker.multiple = true;
    this.picker.hidden = true;
    this.status.setAttribute("role", "status");
    this.box.type = "checkbox";
    const option = element("label", "chatwidget-switch", this.box, "Enter sends");
    const row = element("div", "chatwidget-composer-row", this.attach, this.field, this.send);
    const foot = element("div", "chatwidget-composer-foot", this.status, option);
    this.node.append(this.attachments.node, row, foot, this.picker);
  }

  listen() {
    this.node.addEventListener("keydown", (event) => this.onKey(event));
    this.field.addEventListener("input", () => this.onInput());
    this.send.addEventListener("click", (event) => {
      if (isOneClick(event)) {
        this.isRunning ? this.stop() : this.submit();
      }
    });
    this.picker.addEventListener("change", () => {
      this.attachments.add(this.picker.files ?? []);
      this.picker.value = "";
    });
    this.field.addEventListener("paste", (event) => this.onFiles(event, event.clipboardData));
    this.box.addEventListener("change", () =>
      this.store.send({ type: "SetEnterSends", enabled: this.box.checked }),
    );
  }

  get isRunning() {
    return Boolean(this.store.state?.running) && !this.isOff; // without a kernel nothing runs
  }

  /**
   * Take files that were pasted or dropped.
   *
   * @param {Event} event
   * @param {DataTransfer | null} data
   */
  onFiles(event, data) {
    if (data?.files.length && !this.isOff) {
      event.preventDefault();
      event.stopPropagation();
      this.attachments.add(data.files);
    }
  }

  /** @param {KeyboardEvent} event */
  onKey(event) {
    if (event.key === "Escape" && !event.isComposing && (this.isRunning || this.asker.isWaiting)) {
      event.preventDefault();
      this.stop();
    } else if (event.target === this.field) {
      this.onFieldKey(event);
    }
  }

  /** @param {KeyboardEvent} event */
  onFieldKey(event) {
    if (sends(event, this.store.state?.enter_sends ?? true)) {
      event.preventDefault();
      this.submit();
      return;
    }
    const text = this.recall.text(event, this.field.value, this.store.state?.prompts ?? []);
    if (text !== null && !this.field.readOnly) {
      event.preventDefault();
      this.write(text);
      this.changed();
    }
  }

  onInput() {
    this.recall.reset();
    if (!this.asker.isWaiting) {
      this.say("");
    }
    this.grow();
    this.changed();
  }

  changed() {
    this.draft.keepLater();
    this.onText(this.field.value);
  }

  /** @param {string} text */
  write(text) {
    this.field.value = text;
    this.grow();
  }

  /** @param {string} draft what was written in a page of earlier */
  restore(draft) {
    const text = this.asker.isWaiting ? null : this.draft.restored(draft);
    if (text !== null) {
      this.write(text);
    }
  }

  /** Send what is written. */
  async submit() {
    const text = this.field.value;
    if (!text.trim() && !this.attachments.files.length) {
      this.field.focus();
      return;
    }
    await this.ask(text, this.attachments.files);
  }

  /**
   * Ask; what was written stays until the kernel has taken it.
   *
   * @param {string} text
   * @param {File[]} [files]
   */
  async ask(text, files = []) {
    if (this.isOff || this.asker.isWaiting || this.isReading) {
      return; // an answer that is being written is no hindrance: the kernel stops it first
    }
    if (text.length > LONGEST_TEXT) {
      this.say(`A question has at most ${LONGEST_TEXT.toLocaleString("en")} characters.`);
      return;
    }
    this.say("");
    const buffers = await this.read(files);
    if (buffers) {
      this.draft.wait();
      const attachments = files.map(({ name }) => name.slice(0, 1000));
      const answer = this.asker.ask({ type: "Ask", text, attachments }, buffers);
      this.follow();
      this.answered(text, await answer);
    }
  }

  /**
   * @param {File[]} files
   * @returns {Promise<ArrayBuffer[] | null>} null if one of them is gone
   */
  async read(files) {
    this.isReading = true;
    try {
      return await Promise.all(files.map((file) => file.arrayBuffer()));
    } catch {
      this.say("A file cannot be read any more: remove it, and attach it again.");
      return null;
    } finally {
      this.isReading = false;
    }
  }

  /**
   * @param {string} asked
   * @param {string | null} problem why it was not taken: empty if it was, null if nobody knows
   */
  answered(asked, problem) {
    if (problem === "") {
      this.attachments.clear();
      this.recall.reset();
      if (this.field.value === asked) {
        this.write("");
      }
      this.draft.keep();
      this.onText(this.field.value);
    } else if (!this.field.value && asked) {
      this.write(asked); // an example
    }
    this.follow();
    this.say(problem ?? "");
  }

  stop() {
    this.asker.stop();
    this.send.textContent = "Stopping…";
  }

  follow() {
    const { isRunning } = this;
    this.asker.heard();
    this.send.textContent = isRunning ? "Stop" : "Send";
    this.send.title = isRunning ? "Stop this answer (Esc)" : "Send (Enter, or Ctrl+Enter)";
    this.send.classList.toggle("chatwidget-stops", isRunning);
    this.send.disabled = this.isOff || (this.asker.isWaiting && !isRunning);
    this.box.checked = this.store.state?.enter_sends ?? true;
    if (!this.asker.isWaiting) {
      this.say("");
    }
  }

  /**
   * Who is asked has changed, so that what was wrong may be mended.
   *
   * @param {import("../messages.js").ServerState} server
   */
  mended({ name, model }) {
    const now = `${name} ${model}`;
    if (now !== this.server && !this.asker.isWaiting) {
      this.say("");
    }
    this.server = now;
  }

  /**
   * Let nothing be sent, while what is written can still be read and copied.
   *
   * @param {boolean} isOff
   */
  turnOff(isOff) {
    this.isOff = isOff;
    this.field.readOnly = isOff;
    this.attach.disabled = this.box.disabled = isOff;
    this.node.classList.toggle("chatwidget-off", isOff);
    this.follow();
  }

  /** @param {string} sentence */
  say(sentence) {
    this.status.textContent = sentence;
  }

  grow() {
    this.field.style.height = "auto";
    this.field.style.height = `${Math.min(this.field.scrollHeight + 2, HIGHEST)}px`;
  }
}
