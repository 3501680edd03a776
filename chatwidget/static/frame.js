// What a panel needs of the page around it: see chatwidget/panel/frame.py.
// It stands on access.js.

/** The notebook has keys of its own, such as D D and Shift+Enter; those pressed here stay here. */
function guard(panel) {
  // some shortcuts are for whatever has the focus, so the mark has to be on that very node
  const mark = ({ target }) => (target.dataset.lmSuppressShortcuts = "true");
  const stay = (event) => event.stopPropagation();
  panel.addEventListener("focusin", mark);
  panel.addEventListener("keydown", stay);
  return () => {
    panel.removeEventListener("focusin", mark);
    panel.removeEventListener("keydown", stay);
  };
}

/** The copy of the conversation, which is another output, is not seen while the panel is: its nodes
 * stay out of the page, where they would cost with each change of a style. */
function keepCopyOut(panel) {
  const output = panel.closest(".jp-OutputArea-child");
  if (!output) {
    return () => {};
  }
  let copy = null;
  let nodes = [];
  const take = () => {
    const found = output.nextElementSibling?.querySelector(".chatwidget-panel-copy");
    if (found?.firstChild) {
      [copy, nodes] = [found, [...found.childNodes]];
      found.replaceChildren();
    }
  };
  const look = () => {
    if (output.nextElementSibling) {
      observer.observe(output.nextElementSibling, { childList: true, subtree: true });
    }
    take();
  };
  const observer = new MutationObserver(look);
  observer.observe(output.parentElement, { childList: true });
  look();
  return () => {
    observer.disconnect();
    copy?.replaceChildren(...nodes);
  };
}

function render({ el }) {
  let release = [];
  let frame = 0;
  const find = () => {
    const panel = el.closest(".chatwidget-panel");
    if (panel) {
      release = [guard(panel), makeAccessible(panel), keepCopyOut(panel)];
    } else {
      frame = requestAnimationFrame(find); // it is put into the page a little later
    }
  };
  find();
  return () => {
    cancelAnimationFrame(frame);
    release.forEach((undo) => undo());
  };
}

export default { render };
