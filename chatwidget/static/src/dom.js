// Nodes of the page, and what a person does to them.

/**
 * Make an element.
 *
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {string} className
 * @param {...(Node | string)} children
 * @returns {HTMLElementTagNameMap[Tag]}
 */
export function element(tag, className = "", ...children) {
  const node = document.createElement(tag);
  node.className = className;
  node.append(...children);
  return node;
}

/**
 * Make nodes of HTML that chatwidget's renderer built from its allow-list. This is the only place
 * where a text becomes markup.
 *
 * @param {string} html
 * @returns {DocumentFragment}
 */
export function fragment(html) {
  const template = document.createElement("template");
  template.innerHTML = html;
  return template.content;
}

/**
 * Make a button. Its title is its name, too, which has to begin with what is seen on it.
 *
 * @param {string} label
 * @param {string} title
 * @param {(event: MouseEvent & { currentTarget: HTMLButtonElement }) => unknown} onClick
 * @param {string} className
 * @returns {HTMLButtonElement}
 */
export function button(label, title, onClick, className = "chatwidget-action") {
  const node = element("button", className, label);
  node.type = "button";
  node.title = title;
  node.setAttribute("aria-label", title);
  node.addEventListener("click", /** @type {EventListener} */ (onClick));
  return node;
}

/**
 * Tell whether a click is not the second one of a double click, which does nothing: another button
 * may stand there by then.
 *
 * @param {MouseEvent} event
 * @returns {boolean}
 */
export function isOneClick(event) {
  return event.detail < 2; // 0 by the keyboard
}

const SAID_FOR = 1500; // ms

/**
 * Copy text, and say on the button whether that went well. Where the page may not write to the
 * clipboard, `source` is selected for the person to copy.
 *
 * @param {string} text
 * @param {HTMLElement} from
 * @param {Node | null} source
 * @returns {Promise<void>}
 */
export async function copyText(text, from, source = null) {
  const label = from.dataset.label ?? from.textContent ?? "";
  from.dataset.label = label; // two clicks in a row: what is said is no label
  from.textContent = await copied(text, source);
  setTimeout(() => {
    from.textContent = label;
  }, SAID_FOR);
}

/**
 * @param {string} text
 * @param {Node | null} source
 * @returns {Promise<string>}
 */
async function copied(text, source) {
  try {
    await navigator.clipboard.writeText(text);
    return "Copied";
  } catch {
    if (!source) {
      return "Not allowed";
    }
    getSelection()?.selectAllChildren(source);
    return "Press Ctrl+C";
  }
}

/**
 * Call each function, the last one first; what they were set up in is taken back in turn.
 *
 * @param {import("./front-end.js").Dispose[]} disposers
 * @returns {import("./front-end.js").Dispose}
 */
export function disposeAll(disposers) {
  return () => {
    for (const dispose of disposers.splice(0).reverse()) {
      dispose();
    }
  };
}

/**
 * Listen to a model, or to whatever else has `on` and `off`.
 *
 * @param {Pick<import("./front-end.js").Model<any, any>, "on" | "off">} model
 * @param {string} names such as "change:running", or several of them
 * @param {import("./front-end.js").Listener} listener
 * @returns {import("./front-end.js").Dispose} what ends it
 */
export function listen(model, names, listener) {
  model.on(names, listener);
  return () => model.off(names, listener);
}
