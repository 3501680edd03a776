// Settings under a name: to load, to save, to delete.

import { button, disposeAll, element, isOneClick } from "../dom.js";
import { keepFocus } from "./focus.js";
import { icon } from "./icons.js";
import { Popover } from "./popover.js";

/** A menu of all presets. */
export class Presets {
  /** @param {import("./context.js").Context} context */
  constructor({ store }) {
    this.store = store;
    const opener = element("button", "chatwidget-opener chatwidget-presets", "Presets");
    opener.type = "button";
    opener.title = "Load or save all settings under a name";
    opener.append(icon("chevron"));
    this.list = element("ul", "chatwidget-entries");
    this.name = element("input", "chatwidget-text");
    this.name.type = "text";
    this.name.placeholder = "Name";
    this.name.setAttribute("aria-label", "Name of the preset");
    this.name.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && !event.isComposing) {
        event.preventDefault();
        this.save();
      }
    });
    const save = button("Save", "Save these settings under that name", () => this.save());
    save.classList.add("chatwidget-framed");
    this.popover = new Popover(
      opener,
      "Presets",
      this.list,
      element("h3", "chatwidget-heading", "Save these settings"),
      element("div", "chatwidget-line", this.name, save),
    );
    this.node = this.popover.node;
    const release = store.watch(["presets"], ({ presets }) => this.show(presets));
    this.dispose = disposeAll([release, () => this.popover.dispose()]);
  }

  /** @param {string[]} presets */
  show(presets) {
    keepFocus(this.list, () => {
      this.list.replaceChildren(
        this.entry("", "Neutral", "sends no parameter"),
        ...presets.map((name) => this.entry(name, name)),
      );
    });
  }

  /**
   * @param {string} name what it is called; empty sends no parameter
   * @param {string} label
   * @param {string} detail
   */
  entry(name, label, detail = "") {
    const load = element("button", "chatwidget-entry-name", element("span", "", label));
    load.type = "button";
    load.dir = "auto";
    load.append(element("small", "", detail));
    load.addEventListener("click", () => {
      this.popover.close();
      this.store.send({ type: "LoadPreset", name });
    });
    const entry = element("li", "chatwidget-entry", load);
    if (name) {
      const remove = button("", `Delete the preset “${name}”`, (event) => {
        if (isOneClick(event)) {
          this.store.send({ type: "DeletePreset", name });
        }
      });
      remove.append(icon("trash"));
      entry.append(remove);
    }
    return entry;
  }

  save() {
    const name = this.name.value.trim();
    if (name) {
      this.store.send({ type: "SavePreset", name });
      this.name.value = "";
      this.popover.close();
    } else {
      this.name.focus();
    }
  }
}
