// What the widgets of ipywidgets lack for a keyboard or a screen reader: names for their fields,
// folds that can be reached, and names for the regions of the panel. It is joined to frame.js.

const FIELDS =
  ".widget-inline-hbox :is(input, select, textarea, [role=slider], .widget-readout)," +
  ".jupyter-widget-tagsinput input";
const FOLDS = ".jupyter-widget-Collapse-header";
const REGIONS = {
  ".chatwidget-side": "Settings",
  ".chatwidget-compare > .widget-html": "Pinned answer and newest answer",
};
const SCROLLED = ".chatwidget-compare > .widget-html"; // has nothing in it to put the focus on

/** The label that is seen beside a field, or else what a pointer is told about it. */
function nameOf(field) {
  const row = field.closest(".chatwidget-row, .chatwidget-field");
  const label = row?.querySelector(".widget-label-basic, :scope > .widget-label");
  const titled = field.closest(".jupyter-widgets")?.querySelector("[title]");
  return label?.textContent.trim() || field.title || titled?.title;
}

function nameField(field) {
  const isLabelled = [...(field.labels ?? [])].some((label) => label.textContent.trim());
  const name = isLabelled ? "" : nameOf(field);
  if (name) {
    field.setAttribute("aria-label", name);
  }
  if (field.matches(".widget-readout")) {
    field.setAttribute("role", "textbox");
  }
}

function onFoldKey(event) {
  if (event.key === "Enter" || event.key === " ") {
    event.preventDefault();
    event.currentTarget.click();
  }
}

function openFoldByKey(header) {
  const isOpen = !header.nextElementSibling.classList.contains("lm-mod-hidden");
  header.setAttribute("aria-expanded", String(isOpen));
  header.setAttribute("role", "button");
  header.tabIndex = 0;
  header.addEventListener("keydown", onFoldKey); // once, however often it is said
}

function nameRegion(node, name) {
  node.setAttribute("role", "region");
  node.setAttribute("aria-label", name);
  if (node.matches(SCROLLED)) {
    node.tabIndex = 0;
  }
}

/** Make up for all of it, now and whenever the controls change. */
function makeAccessible(panel) {
  const complete = () => {
    panel.querySelectorAll(FIELDS).forEach(nameField);
    panel.querySelectorAll(FOLDS).forEach(openFoldByKey);
    for (const [selector, name] of Object.entries(REGIONS)) {
      panel.querySelectorAll(selector).forEach((node) => nameRegion(node, name));
    }
  };
  // the conversation looks after itself, and changes too often to be looked at
  const isOurs = ({ target }) => !target.closest(".chatwidget-transcript, .chatwidget-composer");
  const observer = new MutationObserver((changes) => changes.some(isOurs) && complete());
  const what = { childList: true, subtree: true, attributes: true, attributeFilter: ["class"] };
  observer.observe(panel, what);
  complete();
  return () => observer.disconnect();
}
