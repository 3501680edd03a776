// The front end around a view: the one module that knows JupyterLab's page and its widget manager.
//
// None of this is promised by an interface, and Notebook 7 and Voilà have only parts of it. So each
// function looks for what it needs and has an answer where that is missing.

/** @typedef {import("./front-end.js").Dispose} Dispose */
/** @typedef {import("./front-end.js").Host} Host */
/** @typedef {import("./front-end.js").KernelStatus} KernelStatus */

/**
 * The widget manager of a model. It is typed as anything at all: what of it is there is found out.
 *
 * @param {Host} model
 * @returns {any}
 */
function managerOf(model) {
  return model.widget_manager;
}

/**
 * The kernel that a model talks to; null where the front end does not tell, or has none any more.
 *
 * @param {Host} model
 * @returns {any}
 */
function kernelOf(model) {
  return managerOf(model)?.kernel ?? managerOf(model)?.context?.sessionContext?.session?.kernel;
}

/**
 * What typesets formulas, if the front end has it.
 *
 * @param {Host} model
 * @returns {import("./front-end.js").LatexTypesetter | null}
 */
export function typesetterOf(model) {
  return managerOf(model)?.rendermime?.latexTypesetter ?? null;
}

// --- The kernel ---

/**
 * Tell whether the kernel can be interrupted from here.
 *
 * @param {Host} model
 * @returns {boolean}
 */
export function canInterrupt(model) {
  return typeof kernelOf(model)?.interrupt === "function";
}

/**
 * Interrupt the kernel, as the button in the toolbar does.
 *
 * @param {Host} model
 * @returns {void}
 */
export function interruptKernel(model) {
  kernelOf(model)?.interrupt?.();
}

/**
 * Where the kernel stands. A front end that does not tell counts as connected.
 *
 * @param {Host} model
 * @returns {KernelStatus}
 */
export function kernelStatus(model) {
  const kernel = kernelOf(model);
  const session = managerOf(model)?.context?.sessionContext;
  if (!kernel) {
    return session?.statusChanged ? "dead" : "connected";
  }
  if (kernel.status === "dead" || kernel.status === "terminating" || kernel.isDisposed) {
    return "dead";
  }
  if (["restarting", "autorestarting", "starting"].includes(kernel.status)) {
    return "restarting";
  }
  const connection = kernel.connectionStatus ?? "connected";
  return connection === "connected" ? "connected" : "disconnected";
}

/**
 * Hear where the kernel stands, whenever that changes; the first time is the next change.
 *
 * @param {Host} model
 * @param {(status: KernelStatus) => void} listener
 * @returns {Dispose}
 */
export function watchKernel(model, listener) {
  let before = kernelStatus(model);
  const look = () => {
    const status = kernelStatus(model);
    if (status !== before) {
      before = status;
      listener(status);
    }
  };
  // A session outlives its kernels. Voilà has a kernel and no session.
  const source = managerOf(model)?.context?.sessionContext;
  const told = source?.statusChanged ? source : kernelOf(model);
  const signals = ["statusChanged", "connectionStatusChanged", "kernelChanged"]
    .map((name) => told?.[name])
    .filter(Boolean);
  signals.forEach((signal) => signal.connect(look));
  return () => signals.forEach((signal) => signal.disconnect(look));
}

// --- The page ---

/**
 * The output area that an element stands in: all outputs of one cell.
 *
 * @param {Element} element
 * @returns {HTMLElement | null}
 */
export function outputArea(element) {
  return element.closest(".jp-OutputArea");
}

/**
 * The number of the cell that an element stands in, counted from 0.
 *
 * @param {Element} element
 * @returns {number | null}
 */
function cellNumber(element) {
  const cell = element.closest("[data-windowed-list-index]");
  const number = cell instanceof HTMLElement ? Number(cell.dataset.windowedListIndex) : NaN;
  return Number.isInteger(number) ? number : null;
}

/**
 * The document that a model belongs to; null where it is no notebook, or cannot be changed.
 *
 * @param {Host} model
 * @returns {any}
 */
function notebookOf(model) {
  const notebook = managerOf(model)?.context?.model;
  return notebook?.sharedModel?.insertCell ? notebook : null;
}

/**
 * Tell whether new cells can be put into the notebook.
 *
 * @param {Host} model
 * @returns {boolean}
 */
export function canInsertCell(model) {
  return notebookOf(model) !== null;
}

/**
 * Put code into a new cell below the one that holds an element, or else at the end; nothing runs.
 *
 * @param {Host} model
 * @param {Element} element
 * @param {string} source
 * @returns {void}
 */
export function insertCellBelow(model, element, source) {
  const cells = notebookOf(model)?.sharedModel;
  const own = cellNumber(element);
  cells?.insertCell(own === null ? cells.cells.length : own + 1, { cell_type: "code", source });
}

/** What finds the HTML that an output shows by itself, without a widget. */
export const STATIC_OUTPUT = ".jp-RenderedHTML";

/**
 * Tell whether an element is in the notebook of a model, and not in another one of the same page.
 * A notebook has its path in the title of its tab; where there are no tabs, there is one notebook.
 *
 * @param {Host} model
 * @param {Element} element
 * @returns {boolean}
 */
export function isInNotebook(model, element) {
  const context = managerOf(model)?.context;
  const id = element.closest(".jp-NotebookPanel")?.id;
  const tab = id && document.querySelector(`.lm-TabBar-tab[data-id="${CSS.escape(id)}"]`);
  const title = tab instanceof HTMLElement ? tab.title : "";
  const path = context?.localPath ?? context?.path;
  return !path || !title || title.split("\n").some((line) => line.endsWith(` ${path}`));
}

/**
 * Keep keys that are pressed in an element from the notebook, which has keys of its own, such as
 * D D and Shift+Enter.
 *
 * @param {HTMLElement} element
 * @returns {Dispose}
 */
export function keepKeys(element) {
  // some shortcuts are for whatever has the focus, so the mark has to be on that very node
  /** @param {FocusEvent} event */
  const mark = ({ target }) => {
    if (target instanceof HTMLElement) {
      target.dataset.lmSuppressShortcuts = "true";
    }
  };
  /** @param {KeyboardEvent} event */
  const stay = (event) => event.stopPropagation();
  element.addEventListener("focusin", mark);
  element.addEventListener("keydown", stay);
  return () => {
    element.removeEventListener("focusin", mark);
    element.removeEventListener("keydown", stay);
  };
}

const OUTPUT = ".jp-OutputArea-child, .output_area"; // the latter in the classic notebook
const LIVE = "chatwidget-panel-output";

/**
 * Keep the static copy of what an element shows, which is in the next outputs of its cell, out of
 * the page: it is not seen, but its nodes would cost with each change of a style.
 *
 * @param {Element} element
 * @param {string} selector what finds a part of the copy in its output
 * @returns {Dispose} what puts the nodes back
 */
export function keepCopyOut(element, selector) {
  const output = element.closest(OUTPUT);
  if (!output?.parentElement) {
    return () => {};
  }
  output.classList.add(LIVE);
  /** @type {Map<Element, Node[]>} */
  const taken = new Map();
  /** @param {Element} sibling */
  const take = (sibling) => {
    const part = sibling.querySelector(selector);
    if (part?.firstChild) {
      taken.set(part, [...part.childNodes]);
      part.replaceChildren();
    }
  };
  const look = () => {
    for (let next = output.nextElementSibling; next; next = next.nextElementSibling) {
      observer.observe(next, { childList: true, subtree: true }); // once, however often it is said
      take(next);
    }
  };
  const observer = new MutationObserver(look);
  observer.observe(output.parentElement, { childList: true });
  look();
  return () => {
    output.classList.remove(LIVE);
    observer.disconnect();
    taken.forEach((nodes, part) => part.replaceChildren(...nodes));
  };
}

// --- Other widgets ---

/**
 * Show another widget inside of an element, as soon as that is in the page.
 *
 * @param {Host} model
 * @param {string} reference "IPY_MODEL_" and the identifier, as the kernel writes it
 * @param {HTMLElement} element
 * @param {AbortSignal} [signal] what gives up waiting for the element
 * @returns {Promise<Dispose>} what removes the widget's view
 */
export async function mountWidget(model, reference, element, signal) {
  const manager = managerOf(model);
  const child = await manager.get_model(reference.replace(/^IPY_MODEL_/, ""));
  const view = await manager.create_view(child);
  while (!element.isConnected && !signal?.aborted) {
    await new Promise(requestAnimationFrame);
  }
  if (signal?.aborted) {
    view.remove();
    return () => {};
  }
  const widget = view.luminoWidget ?? view.pWidget;
  if (widget) {
    // by the static method of Lumino's Widget the view hears that it is displayed, and only then
    // gives its element the widget's layout and style
    widget.constructor.attach(widget, element);
  } else {
    element.append(view.el);
    view.trigger?.("displayed");
  }
  return () => remove(view);
}

/**
 * Remove a view. Lumino refuses to do so once the page has lost the node, as when the output that
 * holds it is cleared: so it comes back for that moment, out of sight.
 *
 * @param {any} view
 */
function remove(view) {
  const node = view.luminoWidget?.node ?? view.el;
  const shelter = document.createElement("div");
  if (!node.isConnected) {
    shelter.hidden = true;
    document.body.append(shelter);
    shelter.append(node);
  }
  try {
    view.remove();
  } finally {
    shelter.remove();
  }
}

// --- The line of input that a kernel waits for ---

/**
 * The field in which the front end takes the line that the kernel waits for, if it is in the cell
 * of this element.
 *
 * @param {Element} element
 * @returns {HTMLInputElement | null}
 */
export function stdinField(element) {
  const fields = outputArea(element)?.querySelectorAll(".jp-Stdin-input") ?? [];
  // one that was answered is out of sight, and goes a little later
  const open = [...fields].filter((field) => !field.closest(".jp-OutputArea-stdin-hiding"));
  const last = open.pop();
  return last instanceof HTMLInputElement ? last : null;
}

/**
 * Give the kernel the line that it waits for, and leave nothing of the question in the cell: the
 * front end would keep it there with the answer, as an output of its own.
 *
 * @param {Host} model
 * @param {Element} element
 * @param {string} line
 * @returns {boolean} false if there is no field
 */
export function answerStdin(model, element, line) {
  const field = stdinField(element);
  if (!field) {
    return false;
  }
  const echo = new Echo(cellOf(model, element));
  field.value = line;
  field.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", bubbles: true }));
  setTimeout(() => echo.forget()); // it is there when the field's promise has been kept
  return true;
}

/**
 * The model of the cell that an element stands in; null where there is no notebook.
 *
 * @param {Host} model
 * @param {Element} element
 * @returns {any}
 */
function cellOf(model, element) {
  const number = cellNumber(element);
  return number === null ? null : notebookOf(model)?.cells?.get(number);
}

/** What a cell keeps of the questions for a line of input: an output of the name "stdin". */
class Echo {
  /** @param {any} cell */
  constructor(cell) {
    this.cell = cell;
    this.outputs = cell?.outputs;
    this.place = this.#find();
    this.length = this.#text()?.text.length ?? 0;
  }

  /** Take back what has come since this was made, where the front end has the means. */
  forget() {
    const { cell, outputs } = this;
    const place = this.#find();
    if (place < 0 || !outputs.remove || !cell.sharedModel?.updateOutputs) {
      return;
    }
    if (place === this.place) {
      // it was added to one that a person had typed
      const text = this.#text(place);
      text?.remove(Math.min(this.length, text.text.length), text.text.length);
      return;
    }
    const isLast = place === outputs.length - 1;
    if (isLast) {
      // outputs remember the last stream by its name, and would add the next line to what is gone
      outputs.add({ output_type: "display_data", data: {}, metadata: {} });
    }
    cell.sharedModel.updateOutputs(place, place + 1 + Number(isLast), []);
  }

  /** @returns {number} where the last one is; -1 if there is none */
  #find() {
    for (let place = (this.outputs?.length ?? 0) - 1; place >= 0; place--) {
      const output = this.outputs.get(place);
      if (output.type === "stream" && output.toJSON().name === "stdin") {
        return place;
      }
    }
    return -1;
  }

  /**
   * Its text, which can be changed.
   *
   * @param {number} place
   * @returns {any}
   */
  #text(place = this.place) {
    return place < 0 ? null : this.outputs.get(place).streamText;
  }
}
