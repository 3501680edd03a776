// Where the control of each parameter stands.

/** @typedef {import("../messages.js").PanelState} PanelState */

/** What is tuned most is always in sight. */
export const SAMPLING = ["temperature", "top_p", "presence_penalty", "frequency_penalty"];

/**
 * Names of parameters, by where they stand.
 *
 * @typedef {object} Layout
 * @property {string[]} sampling
 * @property {string[]} others what is sent, or was looked for, and whose group is closed
 * @property {Map<string, string[]>} groups what the open groups hold
 */

/**
 * Arrange the controls.
 *
 * @param {Pick<PanelState, "parameters" | "groups">} state
 * @param {string} found what was looked for
 * @returns {Layout}
 */
export function arrange({ parameters, groups }, found) {
  const sampling = SAMPLING.filter((name) => name in parameters);
  const open = groups.filter((group) => group.open);
  const grouped = open.map((group) => [group.name, group.parameters.filter(isElsewhere)]);
  const inGroups = new Set(open.flatMap((group) => group.parameters));
  const others = Object.values(parameters)
    .filter(({ name, status }) => status === "sent" || name === found)
    .map(({ name }) => name)
    .filter((name) => isElsewhere(name) && !inGroups.has(name));
  return { sampling, others, groups: new Map(/** @type {[string, string[]][]} */ (grouped)) };
}

/** @param {string} name */
function isElsewhere(name) {
  return !SAMPLING.includes(name);
}

/**
 * All parameters that have a place.
 *
 * @param {Layout} layout
 * @returns {string[]}
 */
export function placed({ sampling, others, groups }) {
  return [...sampling, ...others, ...[...groups.values()].flat()];
}
