// Who is asked: the model with its server, and the window in which both are chosen.

import { button, disposeAll, element } from "../dom.js";
import { keepFocus } from "./focus.js";
import { icon } from "./icons.js";
import { Picklist } from "./picklist.js";
import { Popover } from "./popover.js";

/** @typedef {import("../messages.js").ServerState} ServerState */

function addressField() {
  const field = element("input", "chatwidget-text");
  field.type = "text";
  field.placeholder = "Profile or address";
  field.spellcheck = false;
  field.setAttribute("aria-label", "Server");
  return field;
}

/**
 * An address without what most of them have in common.
 *
 * @param {string} address
 * @returns {string}
 */
function shortened(address) {
  return address.replace(/^https?:\/\//, "").replace(/\/(v1\/?)?$/, "");
}

/** A button that says who is asked, and opens the choice. */
export class Chooser {
  /** @param {import("./context.js").Context} context */
  constructor({ store }) {
    this.store = store;
    /** @type {ServerState | null} */
    this.server = null;
    this.model = element("span", "chatwidget-model", "…");
    this.place = element("span", "chatwidget-server");
    this.opener = element("button", "chatwidget-opener chatwidget-who");
    this.opener.type = "button";
    this.opener.title = "Choose the model and its server";
    this.opener.append(this.model, this.place, icon("chevron"));
    this.address = addressField();
    this.address.addEventListener("change", () => this.chooseServer(this.address.value.trim()));
    this.profiles = element("div", "chatwidget-chips");
    this.profiles.setAttribute("role", "group");
    this.profiles.setAttribute("aria-label", "Servers that have a name");
    this.models = new Picklist({
      label: "Model",
      placeholder: "Find or name a model",
      nothing: "No model is listed. Any name may be typed.",
      takesAny: true,
      onPick: (model) => this.chooseModel(model),
    });
    this.models.field.dataset.first = "";
    const refresh = button("", "Ask the server for its models", () => this.list());
    refresh.append(icon("refresh"));
    this.problem = element("p", "chatwidget-problem");
    this.problem.setAttribute("role", "status");
    const consent = button(
      "Allow plain http, and use it",
      "Allow plain http, and use it: prompts and keys travel unprotected in your network",
      () => this.consentTo(),
      "chatwidget-chip",
    );
    this.consent = element("div", "chatwidget-chips", consent);
    this.popover = new Popover(
      this.opener,
      "Model and server",
      element("h3", "chatwidget-heading", "Server"),
      this.address,
      this.profiles,
      element("h3", "chatwidget-heading", "Model"),
      element("div", "chatwidget-line", this.models.field, refresh),
      this.problem,
      this.consent,
      this.models.none,
      this.models.list,
    );
    this.popover.onOpen = () => this.listOnce();
    this.node = this.popover.node;
    const release = store.watch(["server"], ({ server }) => this.show(server));
    this.dispose = disposeAll([release, () => this.popover.dispose()]);
  }

  /** @param {ServerState} server */
  show(server) {
    const isOther = this.server?.name !== server.name || this.server?.location !== server.location;
    this.server = server;
    this.model.textContent = server.model || "Choose a model";
    const isNamed = server.profiles.includes(server.name);
    const place = isNamed ? server.name : shortened(server.location);
    this.place.textContent = place === server.model ? "" : place;
    const who = [this.model.textContent, this.place.textContent].filter(Boolean).join(" ");
    this.opener.setAttribute("aria-label", `${who}: choose the model and its server`);
    if (isOther || document.activeElement !== this.address) {
      this.address.value = server.name;
    }
    this.address.title = server.location;
    keepFocus(this.profiles, () => {
      this.profiles.replaceChildren(...server.profiles.map((name) => this.chip(name)));
    });
    this.models.setItems(
      server.models.map((value) => ({ value, mark: value === server.model ? "in use" : "" })),
      server.model,
    );
    const asks = server.listing ? "Asking for the models …" : "";
    this.problem.textContent = server.problem || asks;
    this.problem.classList.toggle("chatwidget-failed", Boolean(server.problem));
    this.consent.hidden = !server.unprotected;
    if (isOther && this.popover.isOpen) {
      this.listOnce();
    }
  }

  /** @param {string} name */
  chip(name) {
    const chip = button(name, name, () => this.chooseServer(name), "chatwidget-chip");
    chip.setAttribute("aria-pressed", String(name === this.server?.name));
    return chip;
  }

  /** @param {string} server */
  chooseServer(server) {
    if (server && server !== this.server?.name && server !== this.server?.location) {
      this.store.send({ type: "ChooseServer", server });
    }
  }

  /** Plain http may go to the address that was refused, which is used at once. */
  consentTo() {
    const server = this.server?.unprotected;
    if (server) {
      this.store.send({ type: "ChooseServer", server, consent: true });
      this.address.focus(); // the button is about to go
    }
  }

  /** @param {string} model */
  chooseModel(model) {
    this.store.send({ type: "ChooseModel", model });
    this.popover.close();
  }

  list() {
    this.store.send({ type: "ListModels" });
  }

  /** Who opens the choice wants to see what there is. */
  listOnce() {
    const { server } = this;
    if (server && !server.models.length && !server.listing && !server.problem) {
      this.list();
    }
  }
}
