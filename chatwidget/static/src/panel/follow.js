// Whether a conversation follows what is written at its end.

const NEAR_THE_END = 60; // px: who is nearer than this to the end wants to see what comes

/**
 * Where a scrolled area stands.
 *
 * @typedef {object} Measures
 * @property {number} top how far it is scrolled
 * @property {number} height how high its content is
 * @property {number} room how high it is itself
 */

/**
 * Tell whether the end is followed after the area has scrolled. To scroll up is to let go, to go
 * down near the end is to follow again. What the page did by itself, because the content or the area has
 * another size by now, changes nothing.
 *
 * @param {boolean} follows
 * @param {Measures} before
 * @param {Measures} now
 * @returns {boolean}
 */
export function followsAfter(follows, before, now) {
  const isSmaller = now.height < before.height || now.room !== before.room;
  if (now.top < before.top && !isSmaller) {
    return false;
  }
  const isNear = now.room > 0 && now.height - now.top - now.room < NEAR_THE_END;
  return follows || (isNear && now.top > before.top);
}

/** Keeps a scrolled area at its end until the person scrolls up. */
export class Follower {
  /**
   * @param {HTMLElement} area what scrolls
   * @param {HTMLElement} content what grows in it
   * @param {(follows: boolean) => void} onChange
   */
  constructor(area, content, onChange) {
    this.area = area;
    this.follows = true;
    this.onChange = onChange;
    this.before = this.measures();
    this.place = 0; // how far it was scrolled when it was last in the page
    this.onScroll = () => this.look();
    area.addEventListener("scroll", this.onScroll, { passive: true });
    this.resizing = new ResizeObserver(() => this.keepUp());
    this.resizing.observe(area);
    this.resizing.observe(content);
  }

  /** @returns {Measures} */
  measures() {
    const { scrollTop, scrollHeight, clientHeight } = this.area;
    return { top: scrollTop, height: scrollHeight, room: clientHeight };
  }

  look() {
    const now = this.measures();
    this.set(followsAfter(this.follows, this.before, now));
    this.place = now.room > 0 ? now.top : this.place;
    this.before = now;
  }

  /** Stay at the end, if it is followed; back in the page, stay where it was. */
  keepUp() {
    if (this.follows) {
      this.area.scrollTop = this.area.scrollHeight;
    } else if (this.before.room === 0) {
      this.area.scrollTop = this.place;
    }
    this.before = this.measures();
  }

  /** Go to the end and follow it from now on. */
  toEnd() {
    this.set(true);
    this.keepUp();
  }

  /** @param {boolean} follows */
  set(follows) {
    if (follows !== this.follows) {
      this.follows = follows;
      this.onChange(follows);
    }
  }

  dispose() {
    this.resizing.disconnect();
    this.area.removeEventListener("scroll", this.onScroll);
  }
}
