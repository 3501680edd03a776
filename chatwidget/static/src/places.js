// Places in static output that are equipped: each for as long as it is in the page.
//
// Static output may be drawn anew at any time, in more than one place, or not before somebody
// scrolls to it. What is added to a place is never saved.

import { disposeAll } from "./dom.js";
import { outputArea } from "./host.js";

/** @typedef {import("./front-end.js").Dispose} Dispose */

const PATIENCE = 3000; // ms in which the output comes that the kernel has sent
const PAUSE = 50; // ms

/** Equips the places of a class as they come, and takes that back as they go. */
export class Places {
  /**
   * @param {string} name the class
   * @param {(place: Element) => Dispose | null} equip returns what takes it back; null if nothing
   *   was done yet
   */
  constructor(name, equip) {
    this.found = document.getElementsByClassName(name);
    this.equip = equip;
    this.timer = 0;
    /** @type {Map<Element, Dispose>} */
    this.equipped = new Map();
    /** @type {WeakSet<Element>} */
    this.areas = new WeakSet();
    this.observer = new MutationObserver(() => this.look());
    // A cell that was out of sight may have no output in the page before somebody scrolls to it,
    // and one that was moved has another: so it is looked for wherever there is a person.
    const look = () => this.look();
    document.addEventListener("pointerover", look, { passive: true });
    document.addEventListener("focusin", look);
    this.dispose = disposeAll([
      () => document.removeEventListener("pointerover", look),
      () => document.removeEventListener("focusin", look),
      () => this.observer.disconnect(),
      () => clearTimeout(this.timer),
      () => this.#release(() => true),
    ]);
    this.await();
  }

  /** Look until there is a place, for a while. */
  await(end = performance.now() + PATIENCE) {
    clearTimeout(this.timer);
    this.look();
    if (!this.found.length && performance.now() < end) {
      this.timer = window.setTimeout(() => this.await(end), PAUSE);
    }
  }

  /** Equip what has come into the page, and let go of what has gone. */
  look() {
    this.#release((place) => !place.isConnected);
    for (const place of this.found) {
      this.#watch(outputArea(place) ?? place.parentElement);
      const release = this.equipped.has(place) ? null : this.equip(place);
      release && this.equipped.set(place, release);
    }
  }

  /** Equip all places anew. */
  again() {
    this.#release(() => true);
    this.look();
  }

  /** @param {Element | null} area that what is drawn anew comes into */
  #watch(area) {
    if (area && !this.areas.has(area)) {
      this.areas.add(area);
      this.observer.observe(area, { childList: true, subtree: true });
    }
  }

  /** @param {(place: Element) => boolean} isOver */
  #release(isOver) {
    for (const [place, release] of this.equipped) {
      if (isOver(place)) {
        this.equipped.delete(place);
        release();
      }
    }
  }
}
