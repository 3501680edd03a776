// Whether a setting that changes asks the last question again, and how often it may.

import { element } from "../dom.js";

const MOST = 600; // requests a minute

/** A switch with its budget. */
export class Rerun {
  /** @param {import("./context.js").Context} context */
  constructor({ store }) {
    this.store = store;
    this.box = element("input", "");
    this.box.type = "checkbox";
    this.limit = element("input", "chatwidget-text chatwidget-number");
    this.limit.type = "number";
    this.limit.min = "1";
    this.limit.max = String(MOST);
    this.limit.setAttribute("aria-label", "Requests a minute");
    this.used = element("span", "chatwidget-used");
    const name = element("label", "chatwidget-switch", this.box, "Re-run on release");
    name.title = "Ask the last question again whenever a control is released";
    this.budget = element("span", "chatwidget-budget", "at most ", this.limit, " a minute", this.used);
    this.node = element("div", "chatwidget-rerun", name, this.budget);
    this.box.addEventListener("change", () => this.change());
    this.limit.addEventListener("change", () => this.change());
    this.dispose = store.watch(["rerun"], ({ rerun }) => this.show(rerun));
  }

  /** @param {import("../messages.js").RerunState} rerun */
  show({ enabled, per_minute, used }) {
    this.box.checked = enabled;
    if (document.activeElement !== this.limit) {
      this.limit.value = String(per_minute);
    }
    this.used.textContent = used ? ` · ${used} used` : "";
    this.node.classList.toggle("chatwidget-on", enabled);
    this.node.classList.toggle("chatwidget-spent", used >= per_minute);
  }

  change() {
    const limit = Math.round(Number(this.limit.value)) || 1;
    const per_minute = Math.min(MOST, Math.max(1, limit));
    this.limit.value = String(per_minute);
    this.store.send({ type: "SetRerun", enabled: this.box.checked, per_minute });
  }
}
