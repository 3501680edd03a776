// What can wait, done in short tasks, so that the page answers meanwhile.

const SLICE = 8; // ms: half a frame

/** Jobs that wait, each under a name; the first one that came is the first one done. */
export class Later {
  /** @param {() => void} onSlice called after each task */
  constructor(onSlice) {
    this.onSlice = onSlice;
    /** @type {Map<string, () => void>} */
    this.jobs = new Map();
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.timer = undefined;
  }

  /**
   * Do a job later, in place of the one that waits under its name.
   *
   * @param {string} name
   * @param {() => void} job
   */
  put(name, job) {
    this.jobs.set(name, job);
    this.timer ??= setTimeout(() => this.run());
  }

  /** @param {string} name */
  drop(name) {
    this.jobs.delete(name);
  }

  run() {
    const end = performance.now() + SLICE;
    for (const [name, job] of this.jobs) {
      this.jobs.delete(name);
      job();
      if (performance.now() >= end) {
        break;
      }
    }
    this.onSlice();
    this.timer = this.jobs.size ? setTimeout(() => this.run()) : undefined;
  }

  dispose() {
    clearTimeout(this.timer);
    this.jobs.clear();
  }
}
