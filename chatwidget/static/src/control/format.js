// The format of the answer, and its schema where it has one.

import { element } from "../dom.js";
import { Segments } from "./choice.js";
import { Field } from "./field.js";

const FORMATS = [
  { value: "text", label: "Text" },
  { value: "json_object", label: "JSON" },
  { value: "json_schema", label: "JSON schema" },
];

/** Text, JSON, or JSON of a schema that is written below. */
export class Format {
  /** @param {import("./context.js").Context} context */
  constructor(context) {
    this.context = context;
    this.segments = new Segments(context.name, FORMATS, (value) => {
      const format = /** @type {"text" | "json_object" | "json_schema"} */ (value);
      context.send({ type: "ControlFormat", format });
    });
    const node = element("textarea", "chatwidget-parameter-json");
    node.rows = 8;
    node.setAttribute("aria-label", "JSON schema, with its name");
    this.schema = new Field(node, (text) => context.send({ type: "ControlWrite", text }));
    this.type = element("p", "chatwidget-parameter-quiet");
    this.beside = null;
    const parts = [this.segments.node, this.type, node];
    this.below = element("div", "chatwidget-parameter-below", ...parts);
  }

  /** @param {import("../messages.js").ControlState} state */
  show({ input, problem, draft }) {
    if (input.kind !== "format") {
      return;
    }
    this.segments.show(input.format, "text");
    this.type.textContent = `Set by code: the type ${input.type}`;
    this.type.hidden = !input.type;
    this.schema.node.hidden = input.format !== "json_schema";
    this.schema.show(problem && draft ? draft : input.schema);
    this.schema.mark(this.context.id, problem !== "");
  }

  focus() {
    this.segments.focus();
  }
}
