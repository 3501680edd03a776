// The next request in other words, to copy, and a field that takes one back.

import { button, disposeAll, element } from "../dom.js";
import { copyable } from "./copyable.js";

/** @typedef {import("../messages.js").RequestState} RequestState */

/** @type {[string, "magic" | "python" | "official" | "curl" | "messages"][]} */
const SECTIONS = [
  ["Cell magic", "magic"],
  ["Python", "python"],
  ["Official client", "official"],
  ["curl", "curl"],
  ["Messages", "messages"],
];
const DRAFT_AFTER = 300; // ms in which nothing was typed

/** A page with a section for each way to write the request. */
export class Request {
  /**
   * @param {import("./context.js").Context} context
   * @param {() => string} draft what is written, and not asked yet
   */
  constructor({ store }, draft) {
    this.store = store;
    this.draft = draft;
    this.isShown = false;
    this.timer = 0;
    this.texts = SECTIONS.map(([title, name]) => this.section(title, name));
    this.pasted = element("textarea", "chatwidget-text chatwidget-area");
    this.pasted.rows = 1;
    this.pasted.spellcheck = false;
    this.pasted.placeholder = "Paste a %%chat cell, a study, a call, curl or JSON";
    this.pasted.setAttribute("aria-label", "A request to read settings from");
    const use = button("Use these settings", "Use these settings; nothing in it is run", () =>
      this.adopt(),
    );
    use.classList.add("chatwidget-primary");
    this.answer = element("p", "chatwidget-problem");
    this.answer.setAttribute("role", "status");
    const line = element("div", "chatwidget-line", this.pasted, use);
    const paste = element("div", "chatwidget-paste", line, this.answer);
    this.node = element("div", "chatwidget-request", paste, ...this.texts.map(({ node }) => node));
    this.dispose = disposeAll([
      () => clearTimeout(this.timer),
      store.watch(["request"], ({ request }) => request && this.show(request)),
    ]);
  }

  /**
   * @param {string} title
   * @param {keyof RequestState} name
   */
  section(title, name) {
    const { node, code } = copyable(title);
    return { node, code, name };
  }

  /** @param {RequestState} request */
  show(request) {
    for (const { code, name } of this.texts) {
      if (code.textContent !== request[name]) {
        code.textContent = request[name];
      }
    }
    this.answer.textContent = request.problem || request.adopted;
    this.answer.classList.toggle("chatwidget-failed", request.problem !== "");
    if (request.adopted && this.isAdopting) {
      this.pasted.value = "";
    }
    this.isAdopting = false;
  }

  adopt() {
    const text = this.pasted.value;
    if (text.trim()) {
      this.isAdopting = true;
      this.store.send({ type: "AdoptRequest", text });
    } else {
      this.pasted.focus();
    }
  }

  /** @param {boolean} isShown */
  onShow(isShown) {
    this.isShown = isShown;
    clearTimeout(this.timer);
    const text = isShown ? this.draft() : "";
    this.store.send({ type: "ShowRequest", shown: isShown, text });
  }

  /** What is written has changed. */
  onText() {
    if (this.isShown) {
      clearTimeout(this.timer);
      this.timer = setTimeout(() => this.onShow(true), DRAFT_AFTER);
    }
  }
}
