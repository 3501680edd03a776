// The conversation that questions belong to, all the others, and a new one.

import { button, disposeAll, element, isOneClick } from "../dom.js";
import { icon } from "./icons.js";
import { Popover } from "./popover.js";
import { keepFocus } from "./focus.js";

/** @typedef {import("../messages.js").ConversationState} ConversationState */

/**
 * What a conversation is called where people read it.
 *
 * @param {ConversationState} conversation
 * @returns {string}
 */
function titleOf({ title, name, turns }) {
  return title || (turns ? name : "New conversation");
}

/** A button that says which conversation this is, and opens the list of all. */
export class Conversations {
  /**
   * @param {import("./context.js").Context} context
   * @param {() => void} onNew called when the person wants to begin anew
   */
  constructor({ store }, onNew) {
    this.store = store;
    this.onNew = onNew;
    /** @type {ConversationState[]} */
    this.all = [];
    this.title = element("span", "chatwidget-title", "…");
    this.title.dir = "auto";
    this.opener = element("button", "chatwidget-opener chatwidget-which", this.title);
    this.opener.type = "button";
    this.opener.title = "All conversations";
    this.opener.append(icon("chevron"));
    this.list = element("ul", "chatwidget-entries");
    this.popover = new Popover(this.opener, "Conversations", this.list);
    this.new = button("", "New conversation", () => this.begin(), "chatwidget-opener");
    this.new.classList.add("chatwidget-new");
    this.new.append(icon("plus"), element("span", "chatwidget-wide-only", "New"));
    this.node = element("div", "chatwidget-conversations", this.popover.node, this.new);
    const release = store.watch(["conversations"], (state) => this.show(state.conversations));
    this.dispose = disposeAll([release, () => this.popover.dispose()]);
  }

  /** @param {ConversationState[]} all */
  show(all) {
    this.all = all;
    const current = all.find((each) => each.current);
    const title = current ? titleOf(current) : "Conversation";
    this.title.textContent = title;
    this.opener.setAttribute("aria-label", `${title}: all conversations`);
    keepFocus(this.list, () => {
      this.list.replaceChildren(...all.map((each) => this.entry(each)));
    });
  }

  /** @param {ConversationState} conversation */
  entry(conversation) {
    const { name, turns, current } = conversation;
    const title = titleOf(conversation);
    const open = element("button", "chatwidget-entry-name", element("span", "", title));
    open.type = "button";
    open.dir = "auto";
    open.append(element("small", "", turns === 1 ? "1 turn" : `${turns} turns`));
    if (current) {
      open.setAttribute("aria-current", "true");
      open.dataset.first = "";
    }
    open.addEventListener("click", () => {
      this.popover.close();
      if (!current) {
        this.store.send({ type: "SwitchConversation", name });
      }
    });
    const remove = button("", `Delete the conversation “${title}”`, (event) => {
      if (isOneClick(event)) {
        this.store.send({ type: "DeleteConversation", name });
      }
    });
    remove.append(icon("trash"));
    return element("li", "chatwidget-entry", open, remove);
  }

  /** Begin anew; where nothing was asked yet, that is what there is. */
  begin() {
    if (this.all.find((each) => each.current)?.turns !== 0) {
      this.store.send({ type: "NewConversation" });
    }
    this.onNew();
  }
}
