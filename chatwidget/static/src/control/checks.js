// Several things to choose from, of which any number is chosen: functions, kinds of output.

import { button, element } from "../dom.js";
import { keepFocus } from "../panel/focus.js";

/** Boxes to tick. */
export class Checks {
  /**
   * @param {import("./context.js").Context} context
   * @param {import("../messages.js").ChecksInput} input
   */
  constructor(context, { look }) {
    this.context = context;
    this.shown = "";
    this.list = element("div", "chatwidget-parameter-checks");
    const onLook = () => context.send({ type: "ControlLook" });
    const again = look
      ? [button("↻", "Look for functions again", onLook, "chatwidget-parameter-icon")]
      : [];
    this.beside = look ? element("span", "chatwidget-parameter-beside", ...again) : null;
    this.below = element("div", "chatwidget-parameter-below", this.list);
  }

  /** @param {import("../messages.js").ControlState} state */
  show({ input }) {
    const drawn = JSON.stringify(input);
    if (input.kind === "checks" && drawn !== this.shown) {
      this.shown = drawn;
      keepFocus(this.list, () => this.list.replaceChildren(...this.parts(input)));
    }
  }

  /** @param {import("../messages.js").ChecksInput} input */
  parts({ checks, others, empty }) {
    const parts = checks.map((check) => this.box(check));
    const quiet = "chatwidget-parameter-quiet";
    return [
      ...parts,
      ...(others.length ? [element("p", quiet, `Set by code: ${others.join(", ")}`)] : []),
      ...(parts.length || !empty ? [] : [element("p", quiet, empty)]),
    ];
  }

  /** @param {import("../messages.js").Check} check */
  box({ name, title, checked }) {
    const box = element("input");
    box.type = "checkbox";
    box.checked = checked;
    box.setAttribute("aria-label", name);
    box.addEventListener("change", () =>
      this.context.send({ type: "ControlCheck", name, checked: box.checked }),
    );
    const label = element("label", "chatwidget-parameter-check", box, element("code", "", name));
    if (title) {
      label.append(element("span", "chatwidget-parameter-quiet", title));
    }
    return label;
  }

  focus() {
    const first = this.list.querySelector("input") ?? this.beside?.querySelector("button");
    first?.focus();
  }
}
