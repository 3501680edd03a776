// What becomes of formulas when the finished answer takes the place of its view.
//
// The host typesets all formulas of an output at once, and the page stands still meanwhile. So
// those that the view has shown are copied, and the others follow one by one.

const FOR_THE_HOST = ["mathjax_process", "tex2jax_process"];
const PATIENCE = 5000; // ms in which the finished answer comes, or never

const whenIdle = window.requestIdleCallback ?? ((call) => setTimeout(call, 20));

/** Take over the formulas of the answer that comes into the output area of a view. */
function handOver(view, typesetter) {
  const area = view.closest(".jp-OutputArea");
  if (!area || !typesetter.host) {
    return;
  }
  // This hears of the answer before the host's typesetter does, which waits for a promise.
  const observer = new MutationObserver((records) => {
    const added = records.flatMap((record) => [...record.addedNodes]);
    const formulas = added.flatMap((node) => [...(node.querySelectorAll?.(FORMULA) ?? [])]);
    takeOver(formulas, typesetter);
  });
  observer.observe(area, { childList: true });
  setTimeout(() => observer.disconnect(), PATIENCE);
}

function takeOver(formulas, { host, drawn }) {
  const others = [];
  for (const formula of formulas) {
    const known = drawn.get(formula.textContent);
    formula.classList.remove(...FOR_THE_HOST);
    known ? formula.replaceChildren(...known.cloneNode(true).childNodes) : others.push(formula);
  }
  const goOn = () => {
    const formula = others.shift();
    if (formula) {
      formula.classList.add(...FOR_THE_HOST);
      host.typeset(formula);
      whenIdle(goOn);
    }
  };
  whenIdle(goOn);
}
