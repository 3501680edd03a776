// What a panel needs of the page around it: see chatwidget/notebook/panel/frame.py.

/** The notebook has keys of its own, such as D D and Shift+Enter; those pressed here stay here. */
function guard(panel) {
  panel.dataset.lmSuppressShortcuts = "true";
  const stay = (event) => event.stopPropagation();
  panel.addEventListener("keydown", stay);
  return () => panel.removeEventListener("keydown", stay);
}

function render({ el }) {
  let release = () => {};
  let frame = 0;
  const find = () => {
    const panel = el.closest(".chatwidget-panel");
    if (panel) {
      release = guard(panel);
    } else {
      frame = requestAnimationFrame(find); // it is put into the page a little later
    }
  };
  find();
  return () => {
    cancelAnimationFrame(frame);
    release();
  };
}

export default { render };
