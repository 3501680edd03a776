// Which input a parameter has.

import { BiasTable } from "./biases.js";
import { Checks } from "./checks.js";
import { Choice } from "./choice.js";
import { Format } from "./format.js";
import { Json } from "./json.js";
import { NumberInput } from "./number.js";
import { SliderInput } from "./slider.js";
import { Texts } from "./texts.js";

/**
 * Make the input of a row.
 *
 * @param {import("./context.js").Context} context
 * @param {import("../front-end.js").Model<
 *   import("../messages.js").ControlTraits, import("../messages.js").ControlAction
 * >} model
 * @param {import("../messages.js").ControlInput} input
 * @returns {import("./context.js").Part}
 */
export function makeInput(context, model, input) {
  switch (input.kind) {
    case "slider":
      return new SliderInput(context, model);
    case "number":
      return new NumberInput(context, input);
    case "choice":
      return new Choice(context, input);
    case "texts":
      return new Texts(context, input);
    case "checks":
      return new Checks(context, input);
    case "format":
      return new Format(context);
    case "biases":
      return new BiasTable(context, input);
    case "json":
      return new Json(context, input);
  }
}
