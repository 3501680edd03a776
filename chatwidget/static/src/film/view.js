// A film: every answer along a slider. Moving it asks nobody.

import { button, disposeAll, element } from "../dom.js";
import { keepKeys } from "../host.js";
import { FilmAnswer } from "./answer.js";
import { edgeNode } from "./edge.js";
import { bandsNode, stackNode } from "./strip.js";
import { frameAt, wordsOf } from "./words.js";

/** @typedef {import("../messages.js").FilmState} FilmState */

const STEPS = 1000;
const DOUBTFUL = 0.05;

/** The view of one film. */
export class FilmView {
  /**
   * @param {FilmState} film
   * @param {(what: string) => void} ask asks the kernel for a film of another noise
   */
  constructor(film, ask) {
    this.film = film;
    this.edges = film.edges.map((edge) => edge.value);
    this.words = film.frames.map((frame) => wordsOf(frame.text));
    this.place = -1;
    this.answer = new FilmAnswer();
    this.slider = this.range(film.parameter, () => this.paint());
    this.second = this.range("Compare with", () => this.paint());
    this.compares = element("input");
    this.said = element("output", "chatwidget-film-said");
    this.bands = bandsNode(film, (place) => this.showEdge(place));
    this.other = new FilmAnswer();
    this.below = element("div", "chatwidget-film-below");
    this.detail = element("div", "chatwidget-film-detail");
    this.node = element("div", "chatwidget-film-live");
    this.assemble(ask);
    this.paint();
    this.dispose = disposeAll([keepKeys(this.node)]);
  }

  /** @param {(what: string) => void} ask */
  assemble(ask) {
    const { film } = this;
    this.slider.value = String(film.value);
    this.second.value = String(film.high);
    this.second.hidden = this.below.hidden = true;
    this.compares.type = "checkbox";
    this.compares.addEventListener("change", () => this.paint());
    const compare = element("label", "chatwidget-film-compare", this.compares, " Compare with");
    const actions = element(
      "div",
      "chatwidget-film-actions",
      button("‹ Change", "‹ Change before", () => this.step(-1)),
      button("Change ›", "Change › after", () => this.step(1)),
      compare,
      this.second,
    );
    if (film.can_deal) {
      actions.append(
        button("Deal again", "Deal again: the film of another noise", () => ask("again")),
        button("Twenty films", "Twenty films: one of each of twenty noises", () => ask("stack")),
      );
    }
    this.detail.setAttribute("aria-live", "polite");
    this.below.append(this.other.node);
    const notes = film.notes.map((note) => element("p", "chatwidget-film-note", note));
    const stack = film.stack.length ? [stackNode(film)] : [];
    const parts = [this.bands, actions, this.detail, this.answer.node, this.below];
    this.node.append(this.said, this.slider, ...parts, ...stack, ...notes);
  }

  /**
   * @param {string} name
   * @param {() => void} onMove
   */
  range(name, onMove) {
    const { low, high } = this.film;
    const input = element("input", "chatwidget-film-slider");
    input.type = "range";
    Object.assign(input, { min: String(low), max: String(high), step: String((high - low) / STEPS) });
    input.setAttribute("aria-label", name);
    input.addEventListener("input", onMove);
    return input;
  }

  paint() {
    const value = Number(this.slider.value);
    const place = frameAt(this.edges, value);
    const isMoved = place !== this.place;
    if (isMoved) {
      this.answer.show(this.words[place]);
      this.bands.children[this.place]?.removeAttribute("data-current");
      this.bands.children[place]?.setAttribute("data-current", "");
      this.place = place;
    }
    const said = this.describe(value, place);
    this.said.textContent = said;
    this.slider.setAttribute("aria-valuetext", said);
    this.compare(place);
  }

  /**
   * @param {number} value
   * @param {number} place
   */
  describe(value, place) {
    const { film } = this;
    const frame = film.frames[place];
    const parts = [
      `${film.parameter} ${value.toFixed(3)}`,
      `answer ${place + 1} of ${film.frames.length}`,
      `noise of seed ${film.seed}`,
    ];
    if (!frame.end) {
      parts.push("without its end");
    }
    if (frame.doubt > DOUBTFUL) {
      parts.push(`uncertain: up to ${Math.round(100 * frame.doubt)} % for a token not told`);
    }
    return parts.join(" · ");
  }

  /** @param {number} place */
  compare(place) {
    const isOn = this.compares.checked;
    this.second.hidden = this.below.hidden = !isOn;
    const other = frameAt(this.edges, Number(this.second.value));
    if (isOn) {
      const text = `${this.film.parameter} ${Number(this.second.value).toFixed(3)}`;
      this.second.setAttribute("aria-valuetext", `${text}, answer ${other + 1}`);
      this.below.dataset.title = `${text} · answer ${other + 1}`;
      this.other.show(this.words[other]);
      this.other.mark(this.words[place]);
    }
    this.answer.mark(isOn ? this.words[other] : null);
  }

  /** @param {-1 | 1} way to the next edge */
  step(way) {
    const place = way > 0 ? this.place : this.place - 1;
    if (place >= 0 && place < this.edges.length) {
      this.showEdge(place, way);
    }
  }

  /**
   * @param {number} place
   * @param {-1 | 1} way to which side of the edge the slider goes
   */
  showEdge(place, way = 1) {
    const edge = this.film.edges[place];
    const { low, high } = this.film;
    const small = (high - low) / STEPS / 2;
    // as close to the edge as the next one leaves room for
    const room = way > 0 ? (this.edges[place + 1] ?? high) - edge.value : 0;
    this.slider.step = "any";
    this.slider.value = String(edge.value + (way > 0 ? Math.min(small, room / 2) : 0));
    this.slider.step = String((high - low) / STEPS);
    this.place = -1;
    this.show(way > 0 ? place + 1 : place, edge.value);
    this.detail.replaceChildren(edgeNode(this.film, edge));
  }

  /**
   * Show an answer, however narrow its band is.
   *
   * @param {number} place
   * @param {number} value
   */
  show(place, value) {
    [...this.bands.children].forEach((band) => band.removeAttribute("data-current"));
    this.bands.children[place]?.setAttribute("data-current", "");
    this.answer.show(this.words[place]);
    this.place = place;
    this.said.textContent = this.describe(value, place);
    this.slider.setAttribute("aria-valuetext", this.said.textContent);
    this.compare(place);
  }
}
