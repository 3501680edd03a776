// The film of an answer: what making it takes, how far it is, and the film itself.

import { button, disposeAll, element } from "../dom.js";
import { FilmView } from "../film/view.js";
import { isSame } from "./store.js";

/** @typedef {import("../messages.js").FilmPageState} FilmPageState */
/** @typedef {import("../messages.js").FilmState} FilmState */

/** A button that makes a film, and the film below it. */
export class Film {
  /** @param {import("./context.js").Context} context */
  constructor({ store }) {
    this.store = store;
    this.turn = "";
    /** @type {FilmState | null} */
    this.film = null;
    /** @type {FilmView | null} */
    this.view = null;
    this.parameter = element("select", "chatwidget-text");
    this.parameter.setAttribute("aria-label", "Film along");
    this.most = element("input", "chatwidget-text");
    this.most.type = "number";
    Object.assign(this.most, { min: "1", max: "100000", value: "" });
    this.budget = element("label", "chatwidget-film-budget", "at most ", this.most, " requests");
    this.start = button("Film", "Film: every answer along a slider", () => this.make());
    this.start.classList.add("chatwidget-primary");
    this.stop = button("Stop", "Stop the film: what is there stays", () =>
      store.send({ type: "StopFilm" }),
    );
    this.bar = element("progress", "");
    this.bar.setAttribute("aria-label", "Requests of the film");
    this.said = element("p", "chatwidget-quiet");
    this.said.setAttribute("role", "status");
    this.place = element("div", "chatwidget-film");
    const row = element("div", "chatwidget-film-form", this.parameter, this.budget);
    row.append(this.start, this.stop, this.bar);
    this.node = element("section", "chatwidget-film-page", row, this.said, this.place);
    this.node.setAttribute("aria-label", "Film");
    this.dispose = disposeAll([
      () => this.view?.dispose(),
      store.watch(["film"], ({ film }) => film && this.show(film)),
    ]);
  }

  make() {
    const { turn, parameter, most } = this;
    const budget = this.budget.hidden ? 0 : Math.max(1, Math.round(Number(most.value)) || 1);
    this.store.send({ type: "StartFilm", turn, parameter: parameter.value, most: budget });
  }

  /** @param {FilmPageState} page */
  show(page) {
    const { turn, parameters, plan, can_start, most, running } = page;
    this.turn = turn;
    if (this.parameter.children.length !== parameters.length) {
      this.parameter.replaceChildren(...parameters.map((name) => element("option", "", name)));
    }
    this.most.value ||= String(most || "");
    this.budget.hidden = !most;
    this.start.disabled = !can_start;
    this.bar.hidden = this.stop.hidden = !running || !page.budget;
    Object.assign(this.bar, { max: Math.max(1, page.budget), value: page.asked });
    this.said.textContent = page.progress || plan;
    this.draw(page.film);
  }

  /** @param {FilmState | null} film */
  draw(film) {
    if (isSame(film, this.film)) {
      return; // its slider stays where it is
    }
    this.film = film;
    this.view?.dispose();
    const deal = (/** @type {string} */ what) => this.store.send({ type: "DealFilm", what });
    this.view = film ? new FilmView(film, deal) : null;
    this.place.replaceChildren(...(this.view ? [this.view.node] : []));
  }
}
