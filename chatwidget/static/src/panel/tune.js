// A study over one parameter: choose a range, run, see the curve, use a value.

import { button, disposeAll, element } from "../dom.js";
import { copyable } from "./copyable.js";
import { curve } from "./curve.js";
import { Span } from "./span.js";
import { isSame } from "./store.js";

/** @typedef {import("../messages.js").TuneForm} TuneForm */
/** @typedef {import("../messages.js").TunePageState} TunePageState */
/** @typedef {import("../messages.js").TunePoint} TunePoint */

/** @type {[TuneForm["measure"], string][]} */
const MEASURES = [
  ["words", "number of words"],
  ["contains", "contains the text"],
  ["own", "one of your own"],
];
const WANTED = {
  words: ["", ""],
  contains: ["Paris", "The text that an answer is to contain"],
  own: ["len(text) < 80, or is_valid", "An expression of text, or a function of the notebook"],
};
const TYPED_AFTER = 300; // ms in which nothing was typed

/** A page with a form, and below it what the study has shown. */
export class Tune {
  /**
   * @param {import("./context.js").Context} context
   * @param {() => string} draft what is written, and not asked yet
   */
  constructor({ store }, draft) {
    this.store = store;
    this.draft = draft;
    this.timer = 0;
    /** @type {TunePageState | null} */
    this.page = null;
    this.prompt = element("textarea", "chatwidget-text chatwidget-area");
    this.prompt.rows = 2;
    this.prompt.placeholder = "A question, asked by itself, without the conversation";
    this.name = element("select", "chatwidget-text");
    this.span = new Span(() => this.plan());
    this.count = numberField(1, 50);
    this.repeats = numberField(1, 1000);
    this.measure = element("select", "chatwidget-text");
    this.measure.append(...MEASURES.map(([value, title]) => new Option(title, value)));
    this.wanted = element("input", "chatwidget-text");
    this.run = button("Run", "Run what is not stored yet", () => this.start());
    this.run.classList.add("chatwidget-primary");
    this.said = element("p", "chatwidget-quiet");
    this.said.setAttribute("role", "status");
    this.planText = element("pre", "chatwidget-tune-plan");
    this.planned = element("details", "", element("summary", "", "The plan"), this.planText);
    this.bar = element("progress", "");
    this.bar.setAttribute("aria-label", "Answers that are there");
    this.results = element("div", "chatwidget-tune-results");
    this.line = copyable("The study as a cell");
    this.code = copyable("The study in Python");
    this.node = element("div", "chatwidget-tune", this.form(), this.bar, this.said);
    this.node.append(this.planned, this.results, this.line.node, this.code.node);
    this.listen();
    this.dispose = disposeAll([
      () => clearTimeout(this.timer),
      store.watch(["tune"], ({ tune }) => tune && this.show(tune)),
    ]);
  }

  form() {
    const ends = field("Range", this.span.node);
    const many = [field("Values", this.count), field("Repeats", this.repeats)];
    const scored = element("span", "chatwidget-tune-measure", this.measure, this.wanted);
    const rows = [field("Parameter", this.name), ends, ...many, field("Measure", scored)];
    const grid = element("div", "chatwidget-tune-form", ...rows, this.run);
    return element("div", "", field("Question", this.prompt), grid);
  }

  listen() {
    for (const each of [this.count, this.repeats, this.measure]) {
      each.addEventListener("change", () => this.plan());
    }
    for (const each of [this.prompt, this.wanted]) {
      each.addEventListener("input", () => {
        clearTimeout(this.timer);
        this.timer = setTimeout(() => this.plan(), TYPED_AFTER);
      });
    }
    this.name.addEventListener("change", () => {
      const choice = this.choice();
      if (choice) {
        this.span.show(choice, choice.minimum, choice.maximum);
      }
      this.plan();
    });
  }

  showWanted() {
    const measure = /** @type {TuneForm["measure"]} */ (this.measure.value);
    const [example, name] = /** @type {[string, string]} */ (WANTED[measure]);
    this.wanted.hidden = measure === "words";
    this.wanted.placeholder = example;
    this.wanted.setAttribute("aria-label", name);
  }

  choice() {
    return this.page?.choices.find(({ name }) => name === this.name.value);
  }

  /** @param {boolean} isShown */
  onShow(isShown) {
    this.store.send({ type: "ShowTune", shown: isShown, text: isShown ? this.draft() : "" });
  }

  /** Say what is chosen; the kernel says what it would take. */
  plan() {
    clearTimeout(this.timer);
    this.showWanted();
    const [low, high] = this.span.ends;
    /** @type {TuneForm} */
    const form = {
      prompt: this.prompt.value,
      name: this.name.value,
      low,
      high,
      count: bounded(this.count),
      repeats: bounded(this.repeats),
      measure: /** @type {TuneForm["measure"]} */ (this.measure.value),
      wanted: this.wanted.value,
    };
    this.store.send({ type: "PlanTune", form });
  }

  start() {
    if (this.page?.status === "running") {
      this.store.send({ type: "StopTune" });
    } else {
      this.plan();
      this.store.send({ type: "RunTune" });
    }
  }

  /** @param {TunePageState} page */
  show(page) {
    const before = this.page;
    this.page = page;
    if (!isSame(page.choices, before?.choices)) {
      this.name.replaceChildren(...page.choices.map(({ name }) => new Option(name)));
    }
    if (!isSame(page.form, before?.form)) {
      this.fill(page.form);
    }
    const isRunning = page.status === "running";
    this.run.textContent = isRunning ? "Stop" : "Run";
    this.run.setAttribute("aria-label", isRunning ? "Stop the study" : "Run what is not stored yet");
    this.run.title = this.run.getAttribute("aria-label") ?? "";
    this.said.textContent = page.problem || (isRunning ? page.progress : page.brief);
    this.planned.hidden = !page.plan;
    this.planText.textContent = page.plan;
    this.said.classList.toggle("chatwidget-problem", Boolean(page.problem));
    this.bar.hidden = !isRunning;
    this.bar.max = Math.max(page.calls, 1);
    this.bar.value = page.done;
    for (const [{ node, code }, text] of /** @type {const} */ ([
      [this.line, page.line],
      [this.code, page.code],
    ])) {
      node.hidden = !text;
      code.textContent = text;
    }
    if (!isSame(drawnOf(page), before && drawnOf(before))) {
      this.draw(page);
    }
  }

  /** @param {TuneForm} form */
  fill({ prompt, name, low, high, count, repeats, measure, wanted }) {
    const active = document.activeElement;
    const fields = { prompt, name, count, repeats, measure, wanted };
    for (const [key, value] of Object.entries(fields)) {
      const control = this[/** @type {keyof typeof fields} */ (key)];
      if (control !== active && control.value !== String(value)) {
        control.value = String(value);
      }
    }
    this.showWanted();
    const choice = this.choice();
    if (choice) {
      this.span.show(choice, low, high);
    }
  }

  /** @param {TunePageState} page */
  draw(page) {
    const opened = new Set(
      [...this.results.querySelectorAll("details[open]")].map((each) => each.getAttribute("data-place")),
    );
    const picture = curve(page);
    const said = page.conclusion.map((sentence) => element("p", "chatwidget-quiet", sentence));
    const parts = page.points.length ? [this.table(page, opened)] : [];
    const drawn = picture ? [picture, ...this.truth(page)] : [];
    this.results.replaceChildren(...drawn, ...parts, ...said);
  }

  /**
   * What the scores truly are, where that is known.
   *
   * @param {TunePageState} page
   */
  truth({ truth, truth_status: status }) {
    if (status === "offered") {
      const title = "Draw the true curve, which is known of the practice model";
      return [button("Truth", title, () => this.store.send({ type: "TellTruth" }))];
    }
    if (status === "computing") {
      return [element("p", "chatwidget-quiet", "The true curve is computed…")];
    }
    const found = [...new Set(truth.map((each) => each.found))];
    const said = `Dashed: the truth, ${found.join(" or ")}.`;
    return truth.length ? [element("p", "chatwidget-quiet", said)] : [];
  }

  /**
   * @param {TunePageState} page
   * @param {Set<string | null>} opened
   */
  table({ points, varied, label }, opened) {
    const heads = [varied, label, "answers", ""].map((text) => {
      const head = element("th", "", text);
      head.scope = "col";
      return head;
    });
    const rows = points.map((point) => this.row(point, varied, opened));
    const table = element("table", "chatwidget-tune-table");
    table.append(element("thead", "", element("tr", "", ...heads)), element("tbody", "", ...rows));
    return table;
  }

  /**
   * @param {TunePoint} point
   * @param {string} varied
   * @param {Set<string | null>} opened
   */
  row({ place, said, answers, kinds }, varied, opened) {
    const title = `Use ${varied} ${place} from now on`;
    const use = button("Use", title, () =>
      this.store.send({ type: "SetParameter", name: varied, value: place }),
    );
    const summary = element("summary", "", `${answers}, ${kinds.length} different`);
    const texts = kinds.map(({ text, count }) =>
      element("p", "chatwidget-tune-answer", count > 1 ? `${count} times: ${text}` : text),
    );
    const details = element("details", "", summary, ...texts);
    details.dataset.place = String(place);
    details.open = opened.has(String(place));
    const head = element("th", "", String(place));
    head.scope = "row";
    const cells = [said, details, use].map((each) => element("td", "", each));
    return element("tr", "", head, ...cells);
  }
}

/** @param {TunePageState} page */
function drawnOf({ points, conclusion, truth, truth_status: status }) {
  return [points, conclusion, truth, status];
}

/**
 * @param {number} min
 * @param {number} max
 */
function numberField(min, max) {
  const made = element("input", "chatwidget-text chatwidget-number");
  made.type = "number";
  made.min = String(min);
  made.max = String(max);
  return made;
}

/** @param {HTMLInputElement} from */
function bounded(from) {
  const value = Math.round(Number(from.value)) || 1;
  return Math.min(Number(from.max), Math.max(Number(from.min), value));
}

/**
 * @param {string} title
 * @param {HTMLElement} control
 */
function field(title, control) {
  const isOne = control.matches("input, select, textarea");
  const made = element(isOne ? "label" : "div", "chatwidget-tune-field");
  made.append(element("span", "chatwidget-heading", title), control);
  if (!isOne) {
    made.setAttribute("role", "group");
    made.setAttribute("aria-label", title);
    control.querySelector("select")?.setAttribute("aria-label", title);
  }
  return made;
}
