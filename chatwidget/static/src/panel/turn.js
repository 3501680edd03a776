// One turn of the conversation: the question, the answer, what is known of it, what can be done.

import { Answer } from "../answer.js";
import { equipCode } from "../code.js";
import { button, element } from "../dom.js";
import { approvalBox } from "./approval.js";
import { EditBox } from "./edit_box.js";
import { actionsOf, versionsOf, whyOf } from "./turn_actions.js";
import { keepFocus } from "./focus.js";

/** @typedef {import("../messages.js").PartChange} PartChange */
/** @typedef {import("../messages.js").TurnState} TurnState */

const EDIT = "Edit this question: it is asked as another version";
const PICTURE = /^data:image\/(png|jpeg|gif|webp);base64,/;

/** A turn in the page. */
export class Turn {
  /**
   * @param {import("./context.js").Context} context
   * @param {import("../answer.js").Typesetter} typesetter
   * @param {string} name
   */
  constructor(context, typesetter, name) {
    this.context = context;
    this.typesetter = typesetter;
    this.name = name;
    /** @type {TurnState | null} */
    this.state = null;
    /** @type {Answer | null} */
    this.answer = null;
    /** @type {EditBox | null} */
    this.editing = null;
    this.pending = ""; // the call that is asked about
    this.prompt = element("div", "chatwidget-prompt");
    this.prompt.dir = "auto";
    this.edit = button("Edit", EDIT, () => this.startEditing());
    this.attached = element("div", "chatwidget-attached");
    this.asked = element("div", "chatwidget-asked", this.edit, this.prompt);
    this.approval = element("div", "chatwidget-approval-place");
    this.body = element("div", "chatwidget-turn-body");
    this.body.dir = "auto";
    this.notice = element("div", "chatwidget-notice");
    this.footer = element("div", "chatwidget-turn-footer");
    this.node = element("article", "chatwidget-turn", this.attached, this.asked, this.approval);
    this.node.append(this.body, this.notice, this.footer);
    this.node.tabIndex = -1;
  }

  /** @param {TurnState} state */
  show(state) {
    const isOpen = this.node.querySelector(".chatwidget-why[open]") !== null;
    this.state = state;
    this.prompt.textContent = state.prompt;
    this.asked.hidden = !state.prompt || this.editing !== null;
    this.edit.hidden = state.running;
    this.showAttached(state);
    this.node.classList.toggle("chatwidget-running", state.running);
    this.body.setAttribute("aria-busy", String(state.running));
    this.notice.textContent = state.notice;
    this.notice.hidden = !state.notice;
    keepFocus(this.node, () => {
      this.showAnswer(state);
      this.showFooter(state);
    });
    const why = this.node.querySelector(".chatwidget-why");
    if (isOpen && why instanceof HTMLDetailsElement) {
      why.open = true;
    }
  }

  /** @param {TurnState} state */
  showAnswer(state) {
    const wasRead = !state.running && this.answer !== null && this.answer.parts.size > 0;
    this.body.ariaLive = wasRead ? "off" : null; // what is drawn anew is not read out again
    this.answer = new Answer(state.running ? this.typesetter : null, { isLog: false });
    this.answer.node.removeAttribute("aria-live"); // the whole conversation is one log
    this.body.replaceChildren(this.answer.node);
    this.answer.replace(state.parts);
    this.body.hidden = !state.running && !state.parts.length;
    if (!state.running) {
      this.settle(state);
    }
  }

  /** @param {TurnState} state */
  settle(state) {
    this.typesetter.watchWhole(this.body);
    equipCode(this.body, this.context.model);
    this.offerChoice(state);
  }

  /** @param {TurnState} state */
  showFooter(state) {
    const facts = element("span", "chatwidget-facts", state.facts.join(" · "));
    if (state.running) {
      const dots = element("span", "chatwidget-dots", "●●●");
      dots.setAttribute("role", "img");
      dots.setAttribute("aria-label", "being written");
      this.footer.replaceChildren(dots, facts);
    } else {
      const versions = versionsOf(state, this.context.store);
      const actions = actionsOf(state, this.context);
      this.footer.replaceChildren(...versions, facts, actions, whyOf(state));
    }
  }

  /**
   * What was asked about beside the text: images of this person's own, and names of files.
   *
   * @param {TurnState} state
   */
  showAttached({ pictures, files }) {
    const images = pictures.filter((url) => PICTURE.test(url)).map((url) => {
      const image = element("img", "chatwidget-picture");
      image.src = url;
      image.alt = "Attached image";
      return image;
    });
    const names = files.map((name) => element("span", "chatwidget-tag", name));
    this.attached.replaceChildren(...images, ...names);
    this.attached.hidden = !this.attached.children.length;
  }

  /**
   * In each of several answers but the one in use, a button that lets it be used.
   *
   * @param {TurnState} state
   */
  offerChoice({ id, texts, chosen }) {
    for (const [index, { node }] of (texts.length > 1 && this.answer?.columns) || []) {
      node.classList.toggle("chatwidget-chosen", index === chosen);
      if (index !== chosen) {
        const use = button("Use this one", `Use this one: choice ${index + 1}`, () =>
          this.context.store.send({ type: "Choose", turn: id, index }),
        );
        node.querySelector(".chatwidget-choice")?.append(use);
      }
    }
  }

  /**
   * @param {PartChange[]} parts
   * @param {boolean} isWhole
   */
  grow(parts, isWhole) {
    isWhole ? this.answer?.replace(parts) : this.answer?.grow(parts);
  }

  /** @param {import("../messages.js").ApprovalState | null} approval */
  ask(approval) {
    const asked = approval?.approval_id ?? "";
    if (asked !== this.pending) {
      this.pending = asked;
      const boxes = approval ? [approvalBox(approval, this.context.store)] : [];
      this.approval.replaceChildren(...boxes);
    }
  }

  startEditing() {
    const { store, asker } = this.context;
    this.editing?.node.remove();
    this.editing = new EditBox(this.state?.prompt ?? "", {
      enterSends: () => store.state?.enter_sends ?? true,
      onSend: (text) => asker.ask({ type: "Edit", turn: this.name, text }),
      onClose: () => this.stopEditing(),
    });
    this.asked.hidden = true;
    this.asked.after(this.editing.node);
    this.editing.field.focus();
  }

  stopEditing() {
    const hadFocus = this.editing?.node.contains(document.activeElement);
    this.editing?.node.remove();
    this.editing = null;
    this.asked.hidden = !this.state?.prompt;
    if (hadFocus) {
      this.edit.focus();
    }
  }
}
