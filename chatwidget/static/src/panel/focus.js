// The focus, when what has it is drawn anew or goes away.

const REACHED = "button, input, textarea, [tabindex]";

/**
 * Draw the content of an element anew, and leave the focus at the place where it was.
 *
 * @param {HTMLElement} root
 * @param {() => void} draw
 */
export function keepFocus(root, draw) {
  const reached = () => /** @type {HTMLElement[]} */ ([...root.querySelectorAll(REACHED)]);
  const focused = document.activeElement;
  const isInside = focused instanceof HTMLElement && root.contains(focused);
  const place = isInside ? reached().indexOf(focused) : -1;
  const name = focused?.getAttribute("aria-label");
  draw();
  if (place < 0) {
    return;
  }
  const now = reached();
  const same = now.find((node) => name && node.getAttribute("aria-label") === name);
  const next = same ?? now[Math.min(place, now.length - 1)] ?? root.closest("[tabindex]");
  /** @type {HTMLElement | null} */ (next)?.focus();
}
