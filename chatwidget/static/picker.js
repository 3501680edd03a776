// Buttons beside the headings of several answers: see chatwidget/render/display/picker.py.
//
// The answers stand in the page as static output, which may be drawn anew at any time, in more than
// one place, and from a file that knows of no later choice. What is added here is never saved.

function button(model, number) {
  const node = document.createElement("button");
  node.className = "chatwidget-pick";
  node.type = "button";
  node.textContent = "Use this answer";
  node.setAttribute("aria-label", `Use choice ${number + 1}`);
  node.title = "The conversation goes on with this answer";
  node.addEventListener("click", () => {
    node.disabled = true;
    model.send({ type: "pick", choice: number });
  });
  return node;
}

function mark() {
  const node = document.createElement("span");
  node.className = "chatwidget-mark";
  node.textContent = "in use";
  return node;
}

/** Mark the answer that is chosen, and give each other one its button. */
function equip(model) {
  for (const choices of document.getElementsByClassName(model.get("place"))) {
    for (const [number, column] of [...choices.children].entries()) {
      const [heading] = column.children;
      const isChosen = number === model.get("chosen");
      column.classList.toggle("chatwidget-chosen", isChosen);
      if (!heading.querySelector(isChosen ? ".chatwidget-mark" : ".chatwidget-pick")) {
        heading.querySelector(".chatwidget-mark, .chatwidget-pick")?.remove();
        heading.append(isChosen ? mark() : button(model, number));
      }
    }
  }
}

function initialize({ model }) {
  let frame = 0;
  const soon = () => {
    frame ||= requestAnimationFrame(() => {
      frame = 0;
      equip(model);
    });
  };
  const observer = new MutationObserver(soon);
  observer.observe(document.body, { childList: true, subtree: true });
  model.on("change:chosen", soon);
  soon();
  return () => {
    observer.disconnect();
    model.off("change:chosen", soon);
    cancelAnimationFrame(frame);
    const place = `.${model.get("place")}`;
    document.querySelectorAll(`${place} .chatwidget-pick`).forEach((node) => node.remove());
  };
}

export default { initialize };
