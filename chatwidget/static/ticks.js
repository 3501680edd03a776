// Marks below a slider: see chatwidget/panel/ticks.py.

function render({ model, el }) {
  const node = document.createElement("div");
  node.className = "chatwidget-ticks";
  node.setAttribute("role", "group");
  node.setAttribute("aria-label", `Answers at other values of ${model.get("label")}`);
  el.append(node);

  const tick = ({ name, value, title, shown }) => {
    const mark = document.createElement("button");
    const share = (value - model.get("minimum")) / (model.get("maximum") - model.get("minimum"));
    mark.type = "button";
    mark.className = "chatwidget-tick";
    mark.style.insetInlineStart = `${100 * share}%`;
    mark.title = title;
    mark.setAttribute("aria-label", title);
    mark.setAttribute("aria-pressed", String(shown));
    mark.addEventListener("click", () => model.send({ type: "choose", name }));
    return mark;
  };
  const show = () => {
    node.replaceChildren(...model.get("marks").map(tick));
    node.hidden = !model.get("marks").length;
  };
  const changes = "change:marks change:minimum change:maximum";
  model.on(changes, show);
  show();
  return () => model.off(changes, show);
}

export default { render };
