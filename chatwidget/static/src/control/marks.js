// Marks along the track of a slider: answers at other values, and what the last cell was asked with.

import { button, element } from "../dom.js";
import { ghostTitle } from "./ghost.js";

/** @typedef {import("../messages.js").ParameterState} ParameterState */

/** The marks of one slider; Tab reaches them as one, and the arrows go from one to the next. */
export class Marks {
  /** @param {import("./context.js").Context} context */
  constructor(context) {
    this.context = context;
    this.shown = "";
    this.node = element("div", "chatwidget-parameter-marks");
    this.node.setAttribute("role", "group");
    this.node.setAttribute("aria-label", `Marks of ${context.name}`);
    this.node.addEventListener("keydown", (event) => this.onKey(event));
  }

  /** @param {import("../messages.js").ControlState} state */
  show({ parameter, ghost }) {
    const { marks, minimum, maximum } = parameter;
    const drawn = JSON.stringify([marks, minimum, maximum, parameter.ghost]);
    if (drawn === this.shown) {
      return;
    }
    this.shown = drawn;
    const place = this.buttons().indexOf(/** @type {any} */ (document.activeElement));
    const dots = marks.map((mark) => this.dot(mark, parameter));
    const diamond = ghost === "" ? [] : [this.diamond(ghost, parameter)];
    this.node.replaceChildren(...dots, ...diamond);
    this.node.hidden = !this.node.firstChild;
    this.reach(Math.max(place, 0), place >= 0);
  }

  /**
   * @param {import("../messages.js").Mark} mark
   * @param {ParameterState} parameter
   */
  dot({ turn, value, shown }, parameter) {
    const said = shown ? "this answer is shown" : "bring this answer back";
    const title = `${this.context.name} ${number(value)}: ${said}`;
    const onClick = () => this.context.send({ type: "ControlBringBack", turn });
    const dot = button("", title, onClick, "chatwidget-parameter-mark");
    dot.setAttribute("aria-pressed", String(shown));
    dot.style.left = percent(value, parameter);
    return dot;
  }

  /**
   * @param {string} ghost
   * @param {ParameterState} parameter
   */
  diamond(ghost, parameter) {
    const value = /** @type {number} */ (parameter.ghost);
    const onClick = () => this.context.send({ type: "ControlSet", value });
    const node = button("", ghostTitle(ghost), onClick, "chatwidget-parameter-mark");
    node.classList.add("chatwidget-parameter-mark-ghost");
    node.append(element("i", "chatwidget-parameter-diamond"));
    node.style.left = percent(value, parameter);
    return node;
  }

  /** @returns {HTMLElement[]} */
  buttons() {
    return [...this.node.querySelectorAll("button")];
  }

  /**
   * @param {number} place
   * @param {boolean} takesFocus
   */
  reach(place, takesFocus) {
    const all = this.buttons();
    const reached = all[Math.min(place, all.length - 1)];
    all.forEach((each) => {
      each.tabIndex = each === reached ? 0 : -1;
    });
    if (takesFocus) {
      reached?.focus();
    }
  }

  /** @param {KeyboardEvent} event */
  onKey(event) {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (step) {
      event.preventDefault();
      const place = this.buttons().indexOf(/** @type {any} */ (event.target));
      this.reach(Math.max(0, place + step), true);
    }
  }
}

/**
 * Where a value stands on a track; one beyond its ends stands at that end.
 *
 * @param {number} value
 * @param {Pick<ParameterState, "minimum" | "maximum">} range
 */
export function percent(value, { minimum, maximum }) {
  const low = minimum ?? 0;
  const share = (value - low) / ((maximum ?? 0) - low || 1);
  return `${Math.round(1e4 * Math.min(1, Math.max(0, share))) / 100}%`;
}

/** @param {number} value */
function number(value) {
  return String(Math.round(value * 1e10) / 1e10);
}
