// The conversation: all turns in their order, in the one area that scrolls.

import { Typesetter } from "../answer.js";
import { button, disposeAll, element } from "../dom.js";
import { Follower } from "./follow.js";
import { Later } from "./later.js";
import { Turn } from "./turn.js";

/** @typedef {import("../messages.js").TurnState} TurnState */

const STRETCH = 16; // turns

/** All turns of the conversation. */
export class Transcript {
  /**
   * @param {import("./context.js").Context} context
   * @param {(text: string) => void} onExample called with a question to ask
   */
  constructor(context, onExample) {
    const { store, model } = context;
    this.context = context;
    this.onExample = onExample;
    this.isOff = false;
    this.typesetter = new Typesetter(model);
    this.later = new Later(() => this.isOff && this.turnOff(true));
    /** @type {Map<string, Turn>} */
    this.turns = new Map();
    this.roll = element("div", "chatwidget-roll");
    this.empty = element("div", "chatwidget-empty");
    this.area = element("div", "chatwidget-turns", this.empty, this.roll);
    this.area.setAttribute("role", "log");
    this.area.setAttribute("aria-live", "polite");
    this.area.setAttribute("aria-label", "Conversation");
    this.area.tabIndex = 0;
    this.jump = button("↓ To the end", "To the end of the conversation", () => this.toEnd());
    this.strip = element("div", "chatwidget-jump", this.jump);
    this.strip.hidden = true;
    this.node = element("div", "chatwidget-transcript chatwidget-answer jp-RenderedHTMLCommon");
    this.node.classList.add("mathjax_ignore", "tex2jax_ignore");
    this.node.append(this.area, this.strip);
    this.follower = new Follower(this.area, this.roll, (follows) => (this.strip.hidden = follows));
    this.dispose = disposeAll([
      () => this.typesetter.dispose(),
      () => this.later.dispose(),
      () => this.follower.dispose(),
      store.on("turns", (order, changed) => this.arrange(order, changed)),
      store.on("parts", (name, parts, isWhole) => this.grow(name, parts, isWhole)),
      store.watch(["approval"], () => this.ask()),
      store.watch(["examples"], () => this.showEmpty()),
    ]);
  }

  /** Show the end, and what will come there. */
  toEnd() {
    this.follower.toEnd();
  }

  /**
   * @param {string[]} order
   * @param {TurnState[]} changed
   */
  arrange(order, changed) {
    const isOther = this.turns.size > 0 && !order.some((name) => this.turns.has(name));
    const names = new Set(order);
    const last = new Set(order.slice(-STRETCH));
    for (const state of [...changed].reverse()) {
      this.draw(state, last.has(state.id));
    }
    for (const [name, turn] of this.turns) {
      if (!names.has(name)) {
        this.forget(name, turn);
      }
    }
    order.forEach((name, place) => this.put(name, place));
    this.roll.querySelectorAll(":scope > :empty").forEach((stretch) => stretch.remove());
    this.showEmpty();
    this.ask();
    this.isOff && this.turnOff(true);
    isOther ? this.follower.toEnd() : this.follower.keepUp();
  }

  /**
   * Draw a turn: at once if it is one of the last or was drawn before, else as soon as the page has
   * time for it.
   *
   * @param {TurnState} state
   * @param {boolean} isLast
   */
  draw(state, isLast) {
    const turn = this.turns.get(state.id) ?? new Turn(this.context, this.typesetter, state.id);
    this.turns.set(state.id, turn);
    const isNow = isLast || turn.state !== null;
    turn.node.ariaLive = isNow ? null : "off"; // what comes late is not read out as if it were new
    if (isNow) {
      this.later.drop(state.id);
      turn.show(state);
    } else {
      this.later.put(state.id, () => turn.show(state));
    }
  }

  /**
   * @param {string} name
   * @param {Turn} turn
   */
  forget(name, turn) {
    this.later.drop(name);
    if (turn.node.contains(document.activeElement)) {
      this.area.focus();
    }
    turn.node.remove();
    this.turns.delete(name);
  }

  /**
   * Turns stand in stretches, of which only those in sight take part in the layout of the page.
   *
   * @param {string} name
   * @param {number} place
   */
  put(name, place) {
    const node = this.turns.get(name)?.node;
    const number = Math.floor(place / STRETCH);
    const stretch =
      this.roll.children[number] ?? this.roll.appendChild(element("div", "chatwidget-stretch"));
    const there = stretch.children[place % STRETCH] ?? null;
    if (node && node !== there) {
      stretch.insertBefore(node, there);
    }
    node?.setAttribute("aria-label", `Turn ${place + 1}`);
  }

  /**
   * @param {string} name
   * @param {import("../messages.js").PartChange[]} parts
   * @param {boolean} isWhole
   */
  grow(name, parts, isWhole) {
    this.turns.get(name)?.grow(parts, isWhole);
    this.follower.keepUp();
  }

  /** Ask in the turn in which the model wants a function to run. */
  ask() {
    const approval = this.context.store.state?.approval ?? null;
    this.turns.forEach((turn, name) => turn.ask(approval?.turn === name ? approval : null));
    this.follower.keepUp();
  }

  /**
   * Let nothing be done that needs the kernel; what is there can still be read and copied.
   *
   * @param {boolean} isOff
   */
  turnOff(isOff) {
    this.isOff = isOff;
    const reached = isOff ? "button:enabled" : "button[data-off]";
    /** @type {NodeListOf<HTMLButtonElement>} */
    const buttons = this.area.querySelectorAll(reached);
    for (const node of [...buttons].filter(({ title }) => !title.startsWith("Copy"))) {
      node.disabled = isOff;
      node.toggleAttribute("data-off", isOff);
    }
  }

  /** What stands here before the first question: a few to try. */
  showEmpty() {
    const { state } = this.context.store;
    const examples = state?.examples ?? [];
    this.empty.hidden = this.turns.size > 0 || !state;
    this.roll.hidden = !this.empty.hidden;
    this.empty.replaceChildren(
      element("p", "", examples.length ? "Ask something, or try one of these:" : "Ask something."),
      ...examples.map((example) => button(example, example, () => this.onExample(example))),
    );
  }
}
