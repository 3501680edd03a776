// A piece of code with a button that copies it: see chatwidget/panel/request.py.

function element(tag, className, ...children) {
  const node = document.createElement(tag);
  node.className = className;
  node.append(...children);
  return node;
}

/** Copy text; where the page may not write to the clipboard, select it for the person to copy. */
async function copy(text, source) {
  try {
    await navigator.clipboard.writeText(text);
    return "Copied";
  } catch {
    getSelection().selectAllChildren(source);
    return "Press Ctrl+C";
  }
}

function render({ model, el }) {
  const title = element("span", "chatwidget-copyable-title");
  const button = element("button", "chatwidget-copy", "Copy");
  const code = element("code", "");
  button.type = "button";
  button.addEventListener("click", async () => {
    button.textContent = await copy(model.get("text"), code);
    setTimeout(() => (button.textContent = "Copy"), 1500);
  });
  const head = element("div", "chatwidget-copyable-head", title, button);
  const pre = element("pre", "chatwidget-copyable-text", code);
  pre.tabIndex = 0;
  el.append(element("div", "chatwidget-copyable", head, pre));

  const show = () => {
    title.textContent = model.get("title");
    button.setAttribute("aria-label", `Copy: ${model.get("title")}`);
    pre.setAttribute("aria-label", model.get("title"));
    code.textContent = model.get("text");
  };
  model.on("change:title", show);
  model.on("change:text", show);
  show();
  return () => {
    model.off("change:title", show);
    model.off("change:text", show);
  };
}

export default { render };
