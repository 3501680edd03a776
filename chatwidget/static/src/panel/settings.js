// All that the next question is asked with.

import { disposeAll, element, listen } from "../dom.js";
import { Groups } from "./groups.js";
import { SAMPLING, arrange, placed } from "./layout.js";
import { Picklist } from "./picklist.js";
import { Rerun } from "./rerun.js";
import { REACHED, Rows } from "./rows.js";
import { Sent } from "./sent.js";
import { TextSetting } from "./text_setting.js";

/** @typedef {import("../messages.js").PanelState} PanelState */

const ALTERNATIVES = "temperature and top_p are alternatives: change one of them, leave the other.";

/** The sliders, what is sent, the system message, and the rest in groups. */
export class Settings {
  /** @param {import("./context.js").Context} context */
  constructor(context) {
    const { store, model } = context;
    this.store = store;
    this.model = model;
    this.found = ""; // the last parameter that was looked for
    this.isFinding = false;
    this.asked = new Set();
    this.controls = new Rows(model);
    this.groups = new Groups(store);
    this.finder = new Picklist({
      label: "Find a parameter",
      placeholder: "Find a parameter",
      nothing: "No parameter is called so.",
      staysShut: true,
      onPick: (name) => this.reveal(name),
    });
    this.sent = new Sent(context, (name) => this.reveal(name));
    this.rerun = new Rerun(context);
    this.sampling = element("div", "chatwidget-rows");
    this.hint = element("p", "chatwidget-hint", ALTERNATIVES);
    this.others = element("div", "chatwidget-rows chatwidget-others");
    this.system = new TextSetting("System message", "No system message", (text) =>
      store.send({ type: "SetSystem", text }),
    );
    this.extra = new TextSetting("Other fields, as JSON", '{"top_k": 40}', (text) =>
      store.send({ type: "SetExtraBody", text }),
    );
    this.node = element("section", "chatwidget-settings", ...this.parts());
    this.node.setAttribute("aria-label", "Settings");
    this.dispose = disposeAll([
      store.watch(["parameters", "groups", "rows"], (state) => this.show(state)),
      store.watch(["system"], ({ system }) => this.system.show(system)),
      store.watch(["extra_body", "extra_body_problem"], (state) =>
        this.extra.show(state.extra_body, state.extra_body_problem),
      ),
      listen(model, "change:rows", () => store.state && this.show(store.state)),
      this.sent.dispose,
      this.rerun.dispose,
      () => this.controls.dispose(),
    ]);
  }

  parts() {
    const { field, list, none } = this.finder;
    field.classList.add("chatwidget-find");
    const find = element("div", "chatwidget-finder", field, list, none);
    const extra = element("summary", "", "Other fields");
    return [
      element("div", "chatwidget-settings-head", find, this.sent.node),
      this.sampling,
      this.hint,
      this.rerun.node,
      this.others,
      element("h3", "chatwidget-heading", "System message"),
      this.system.node,
      this.groups.node,
      element("details", "chatwidget-group", extra, this.extra.node),
    ];
  }

  /** @param {PanelState} state */
  show(state) {
    const layout = arrange(state, this.found);
    const references = this.model.get("rows") ?? {};
    this.askFor([...layout.sampling, ...layout.others], references);
    this.controls.keep(references, placed(layout));
    this.groups.show(state.groups);
    this.controls.place(this.sampling, layout.sampling);
    this.controls.place(this.others, layout.others);
    for (const [name, parameters] of layout.groups) {
      const rows = this.groups.rows(name);
      rows && this.controls.place(rows, parameters);
    }
    this.others.hidden = !layout.others.length;
    const both = SAMPLING.slice(0, 2).every((name) => state.parameters[name]?.status === "sent");
    this.hint.classList.toggle("chatwidget-warned", both);
    this.finder.setItems(
      Object.values(state.parameters).map(({ name, help, status, text }) => ({
        value: name,
        detail: help,
        mark: status === "unsent" ? "" : status === "sent" ? text || "sent" : "not supported",
      })),
    );
    this.bringIntoView();
  }

  /**
   * Have the kernel make the controls that are missing, each asked for once.
   *
   * @param {string[]} names
   * @param {Record<string, string>} references
   */
  askFor(names, references) {
    for (const name of names) {
      if (references[name]) {
        this.asked.delete(name);
      } else if (!this.asked.has(name)) {
        this.asked.add(name);
        this.store.send({ type: "ShowRow", name });
      }
    }
  }

  /**
   * Show the control of a parameter, as soon as there is one.
   *
   * @param {string} name
   */
  reveal(name) {
    this.found = name;
    this.isFinding = true;
    if (this.store.state) {
      this.show(this.store.state);
    }
  }

  bringIntoView() {
    const shown = this.isFinding ? this.controls.shown(this.found) : null;
    if (shown) {
      this.isFinding = false;
      shown.then((node) => pointOut(this.node, node)).catch(() => {}); // said where it would stand
    }
  }
}

const FOUND = "chatwidget-found";

/**
 * @param {HTMLElement} all
 * @param {HTMLElement} node
 */
function pointOut(all, node) {
  all.querySelector(`.${FOUND}`)?.classList.remove(FOUND);
  node.classList.add(FOUND);
  node.scrollIntoView({ block: "nearest" });
  const first = node.querySelector(REACHED);
  if (first instanceof HTMLElement) {
    first.focus({ preventScroll: true });
  }
}
