// Tokens, and what is added to the logit of each.

import { button, element } from "../dom.js";
import { keepFocus } from "../panel/focus.js";
import { Field } from "./field.js";

const RANGE = "-100 bans a token, 100 forces it";
const USUAL = "5";

/** A row for each token, and one for another. */
export class BiasTable {
  /**
   * @param {import("./context.js").Context} context
   * @param {import("../messages.js").BiasInput} input
   */
  constructor(context, { placeholder }) {
    this.context = context;
    this.shown = "";
    this.isAdding = false;
    this.rows = element("div", "chatwidget-parameter-biases");
    this.token = element("input", "chatwidget-parameter-line");
    this.token.type = "text";
    this.token.placeholder = placeholder;
    this.token.setAttribute("aria-label", placeholder);
    this.amount = amountBox("Amount for a new token", USUAL);
    const add = button("Add", "Add a bias", () => this.add(), "chatwidget-parameter-button");
    for (const node of [this.token, this.amount]) {
      node.addEventListener("keydown", (event) => event.key === "Enter" && this.add());
    }
    const another = element("div", "chatwidget-parameter-bias", this.token, this.amount, add);
    this.beside = null;
    this.below = element("div", "chatwidget-parameter-below", this.rows, another);
  }

  add() {
    const amount = this.amount.valueAsNumber;
    if (this.token.value === "" || Number.isNaN(amount)) {
      this.context.complain("A bias is a token and an amount from -100 to 100.");
      return;
    }
    this.isAdding = true;
    this.context.send({ type: "ControlBias", token: this.token.value, amount });
  }

  /** @param {import("../messages.js").ControlState} state */
  show({ input, problem }) {
    const drawn = JSON.stringify(input);
    if (input.kind === "biases" && drawn !== this.shown) {
      this.shown = drawn;
      keepFocus(this.rows, () => this.rows.replaceChildren(...input.biases.map(this.row, this)));
      if (this.isAdding && !problem) {
        this.token.value = "";
      }
    }
    this.isAdding = false;
    this.token.setAttribute("aria-invalid", String(problem !== ""));
  }

  /** @param {import("../messages.js").TokenBias} bias */
  row({ token, text, amount }) {
    const name = text ? `“${text}”` : token;
    const said = element("code", "chatwidget-parameter-token", name);
    said.title = `Token ${token}`;
    const box = amountBox(`Amount for ${name}`, String(amount));
    const field = new Field(box, () => this.change(token, box));
    field.show(String(amount));
    const onRemove = () => this.context.send({ type: "ControlBias", token, amount: null });
    const remove = button("×", `Remove ${name}`, onRemove, "chatwidget-parameter-icon");
    return element("div", "chatwidget-parameter-bias", said, box, remove);
  }

  /**
   * @param {string} token
   * @param {HTMLInputElement} box
   */
  change(token, box) {
    const amount = box.valueAsNumber;
    if (Number.isNaN(amount)) {
      this.context.complain("An amount is a number from -100 to 100.");
    } else {
      this.context.send({ type: "ControlBias", token, amount });
    }
  }

  focus() {
    this.token.focus();
  }
}

/**
 * @param {string} label
 * @param {string} value
 */
function amountBox(label, value) {
  const box = element("input", "chatwidget-parameter-number");
  box.type = "number";
  box.value = value;
  box.min = "-100";
  box.max = "100";
  box.title = RANGE;
  box.setAttribute("aria-label", label);
  return box;
}
