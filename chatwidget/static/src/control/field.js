// A field that a person writes in. What was written and not sent yet is never overwritten.

/**
 * Shows a text, and tells when a person has written another one.
 *
 * @template {HTMLInputElement | HTMLTextAreaElement} Node
 */
export class Field {
  /**
   * @param {Node} node
   * @param {(text: string) => void} onWrite
   */
  constructor(node, onWrite) {
    this.node = node;
    this.shown = "";
    this.onWrite = onWrite;
    node.spellcheck = false;
    node.autocomplete = "off";
    // when it is left, and for a single line when Enter is pressed
    node.addEventListener("change", () => this.commit());
    node.addEventListener("keydown", (event) => {
      const key = /** @type {KeyboardEvent} */ (event);
      if (key.key === "Enter" && (key.ctrlKey || key.metaKey)) {
        this.commit();
      }
    });
  }

  commit() {
    this.shown = this.node.value; // what the kernel makes of it may be shown in its place
    this.onWrite(this.node.value);
  }

  /** @param {string} text */
  show(text) {
    const isWritten = this.node.value !== this.shown && document.activeElement === this.node;
    if (!isWritten) {
      this.shown = text;
      if (this.node.value !== text) {
        this.node.value = text;
      }
    }
  }

  /**
   * Say whether what was written cannot be sent.
   *
   * @param {string} id the row's
   * @param {boolean} isWrong
   */
  mark(id, isWrong) {
    this.node.setAttribute("aria-invalid", String(isWrong));
    if (isWrong) {
      this.node.setAttribute("aria-describedby", `${id}-note`);
    } else {
      this.node.removeAttribute("aria-describedby");
    }
  }
}
