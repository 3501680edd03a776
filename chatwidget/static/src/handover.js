// What becomes of formulas when the finished answer takes the place of its view.
//
// The host typesets all formulas of an output at once, and the page stands still meanwhile. So
// those that the view has shown are copied, and the others follow one by one.

import { FORMULA, formulasOf } from "./answer.js";
import { outputArea } from "./host.js";

const FOR_THE_HOST = ["mathjax_process", "tex2jax_process"];
const PATIENCE = 5000; // ms in which the finished answer comes, or never

/** @param {() => void} call */
function whenIdle(call) {
  window.requestIdleCallback ? window.requestIdleCallback(call) : setTimeout(call, 20);
}

/**
 * Take over the formulas of the answer that comes into the output area of a view.
 *
 * @param {Element} view
 * @param {import("./answer.js").Typesetter} typesetter
 */
export function handOver(view, typesetter) {
  const area = outputArea(view);
  const { host } = typesetter;
  if (!area || !host) {
    return;
  }
  const shown = formulasOf(view).filter((formula) => formula.childElementCount);
  const known = new Map(shown.map((formula) => [typesetter.texts.get(formula) ?? "", formula]));
  // This hears of the answer before the host's typesetter does, which waits for a promise.
  const observer = new MutationObserver((records) => {
    const added = records.flatMap((record) => [...record.addedNodes]);
    const formulas = added.flatMap((node) =>
      node instanceof Element ? [...node.querySelectorAll(FORMULA)] : [],
    );
    takeOver(/** @type {HTMLElement[]} */ (formulas), known, host);
  });
  observer.observe(area, { childList: true });
  setTimeout(() => observer.disconnect(), PATIENCE);
}

/**
 * @param {HTMLElement[]} formulas
 * @param {Map<string, HTMLElement>} known formulas that are typeset, by their texts
 * @param {import("./front-end.js").LatexTypesetter} host
 */
function takeOver(formulas, known, host) {
  /** @type {HTMLElement[]} */
  const others = [];
  for (const formula of formulas) {
    const same = known.get(formula.textContent ?? "");
    formula.classList.remove(...FOR_THE_HOST);
    same ? formula.replaceChildren(...same.cloneNode(true).childNodes) : others.push(formula);
  }
  const goOn = async () => {
    const formula = others.shift();
    if (formula) {
      formula.classList.add(...FOR_THE_HOST);
      await (formula.isConnected && host.typeset(formula)); // else it is when it is shown again
      whenIdle(goOn);
    }
  };
  whenIdle(goOn);
}
