// Whether this panel still leads to a kernel, and what is said when it does not.

import { kernelStatus, watchKernel } from "../host.js";

/** @typedef {import("../front-end.js").KernelStatus} KernelStatus */
/** @typedef {"there" | "away" | "restarted" | "dead"} Link */

const BACK = "%chat restore brings the conversation back.";

/** @type {Record<Link, string>} */
export const SENTENCES = {
  there: "",
  away: "The kernel cannot be reached. What you wrote stays here.",
  restarted: `The kernel restarted: run this cell again; ${BACK}`,
  dead: `The kernel is gone: start it and run this cell again; ${BACK}`,
};

/**
 * What becomes of the link. A kernel that restarted knows nothing of this panel any more, even when
 * it is back; one that was only out of reach does.
 *
 * @param {Link} link
 * @param {KernelStatus} status
 * @returns {Link}
 */
export function nextLink(link, status) {
  if (status === "restarting" || link === "restarted") {
    return "restarted";
  }
  if (link === "dead") {
    return status === "dead" ? "dead" : "restarted";
  }
  return status === "dead" ? "dead" : status === "disconnected" ? "away" : "there";
}

/**
 * Whether what is sent to the kernel is heard, if perhaps later.
 *
 * @param {Link} link
 */
export function hears(link) {
  return link === "there" || link === "away";
}

/** The link of one view to its kernel. */
export class KernelLink {
  /**
   * @param {import("../front-end.js").Host} host
   * @param {(link: Link) => void} onChange
   */
  constructor(host, onChange) {
    const status = kernelStatus(host);
    // a kernel that starts while the panel is drawn is the one that the panel belongs to
    this.link = nextLink("there", status === "restarting" ? "connected" : status);
    this.dispose = watchKernel(host, (status) => {
      const before = this.link;
      this.link = nextLink(before, status);
      if (this.link !== before) {
        onChange(this.link);
      }
    });
  }
}
