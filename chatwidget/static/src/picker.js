// Buttons beside the headings of several answers: see chatwidget/render/display/picker.py.
//
// The answers stand in the page as static output, which may be drawn anew at any time, in more than
// one place, and from a file that knows of no later choice. What is added here is never saved.

import { button, disposeAll, element, listen } from "./dom.js";
import { outputArea } from "./host.js";

/** @typedef {import("./messages.js").PickChoice} PickChoice */
/** @typedef {import("./messages.js").PickerState} PickerState */

const PATIENCE = 3000; // ms in which the finished answer comes that the kernel has sent
const PAUSE = 50; // ms

/** Marks the answer that is chosen, and gives each other one its button. */
class Picker {
  /** @param {import("./front-end.js").Model<PickerState, PickChoice>} model */
  constructor(model) {
    this.model = model;
    this.answers = document.getElementsByClassName(model.get("place"));
    this.frame = 0;
    /** @type {WeakSet<Element>} */
    this.areas = new WeakSet();
    this.observer = new MutationObserver(() => this.soon());
    // A cell that was out of sight may have no output in the page before somebody scrolls to it,
    // and one that was moved has another: so it is looked for wherever there is a person.
    const look = () => this.look();
    document.addEventListener("pointerover", look, { passive: true });
    document.addEventListener("focusin", look);
    this.dispose = disposeAll([
      () => document.removeEventListener("pointerover", look),
      () => document.removeEventListener("focusin", look),
      () => this.observer.disconnect(),
      () => cancelAnimationFrame(this.frame),
      () => clearTimeout(this.timer),
      listen(model, "change:chosen", () => this.soon()),
      () => this.#removeButtons(),
    ]);
    this.#await(performance.now() + PATIENCE);
  }

  /** @param {number} end */
  #await(end) {
    this.look();
    if (!this.answers.length && performance.now() < end) {
      this.timer = setTimeout(() => this.#await(end), PAUSE);
    }
  }

  /** Watch the output areas that hold the answers; there is hardly ever a new one. */
  look() {
    for (const choices of this.answers) {
      const area = outputArea(choices) ?? choices;
      if (!this.areas.has(area)) {
        this.areas.add(area);
        this.observer.observe(area, { childList: true, subtree: true });
        this.soon();
      }
    }
  }

  /** Draw once, however much has changed. */
  soon() {
    this.frame ||= requestAnimationFrame(() => {
      this.frame = 0;
      for (const choices of this.answers) {
        [...choices.children].forEach((column, number) => this.#draw(column, number));
      }
    });
  }

  /**
   * @param {Element} column
   * @param {number} number
   */
  #draw(column, number) {
    const heading = column.querySelector(":scope > .chatwidget-choice");
    const isChosen = number === this.model.get("chosen");
    column.classList.toggle("chatwidget-chosen", isChosen);
    if (heading && !heading.querySelector(isChosen ? ".chatwidget-mark" : ".chatwidget-pick")) {
      heading.querySelector(".chatwidget-mark, .chatwidget-pick")?.remove();
      heading.append(
        isChosen ? element("span", "chatwidget-mark", "in use") : this.#button(number),
      );
    }
  }

  /**
   * @param {number} number
   * @returns {HTMLButtonElement}
   */
  #button(number) {
    const pick = button(
      "Use this answer",
      "The conversation goes on with this answer",
      () => {
        pick.disabled = true;
        this.model.send({ type: "pick", choice: number });
      },
      "chatwidget-pick",
    );
    pick.setAttribute("aria-label", `Use choice ${number + 1}`);
    return pick;
  }

  #removeButtons() {
    for (const choices of this.answers) {
      choices.querySelectorAll(".chatwidget-pick").forEach((node) => node.remove());
    }
  }
}

/** @param {import("./front-end.js").Initial<PickerState, PickChoice>} view */
function initialize({ model }) {
  const picker = new Picker(model);
  return picker.dispose;
}

export default { initialize };
