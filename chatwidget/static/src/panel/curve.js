// A curve: a value with its interval at each place that was asked. The table below says the same.

/** @typedef {import("../messages.js").TunePageState} TunePageState */
/** @typedef {import("../messages.js").TunePoint} TunePoint */

const WIDTH = 560;
const HEIGHT = 190;
const LEFT = 44;
const RIGHT = 12;
const TOP = 10;
const BOTTOM = 34;
const NAMESPACE = "http://www.w3.org/2000/svg";

/**
 * Draw the points of a study.
 *
 * @param {TunePageState} page
 * @returns {SVGElement | null} null while there is nothing to draw
 */
export function curve({ points, varied, label, is_rate, truth }) {
  const known = points.filter(({ number }) => number !== null);
  if (!known.length) {
    return null;
  }
  const x = scale(known.map(({ place }) => place), LEFT + 10, WIDTH - RIGHT - 10);
  const values = known.flatMap(({ number, low, high }) => [number, low, high]);
  values.push(...truth.map(({ number }) => number));
  const ends = is_rate ? [0, 1] : values.filter((value) => value !== null);
  const y = scale(/** @type {number[]} */ (ends), HEIGHT - BOTTOM, TOP);
  const svg = node("svg", {
    viewBox: `0 0 ${WIDTH} ${HEIGHT}`,
    class: "chatwidget-curve",
    role: "img",
    "aria-label": `${label} along ${varied}; the table below has the numbers`,
  });
  svg.append(...axes(x, y, known, is_rate, varied));
  const line = known.map(({ place, number }) => `${x.at(place)},${y.at(number ?? 0)}`).join(" ");
  svg.append(node("polyline", { points: line, class: "chatwidget-curve-line" }));
  if (truth.length) {
    const trueLine = truth.map(({ place, number }) => `${x.at(place)},${y.at(number)}`).join(" ");
    svg.append(node("polyline", { points: trueLine, class: "chatwidget-curve-truth" }));
  }
  for (const { place, number, low, high } of known) {
    if (low !== null && high !== null) {
      const at = { x1: x.at(place), x2: x.at(place), y1: y.at(low), y2: y.at(high) };
      svg.append(node("line", { ...at, class: "chatwidget-curve-interval" }));
    }
    const dot = { cx: x.at(place), cy: y.at(number ?? 0), r: 4, class: "chatwidget-curve-dot" };
    svg.append(node("circle", dot));
  }
  return svg;
}

/**
 * @param {{ at: (value: number) => number }} x
 * @param {{ at: (value: number) => number, low: number, high: number }} y
 * @param {TunePoint[]} known
 * @param {boolean} isRate
 * @param {string} varied
 * @returns {SVGElement[]}
 */
function axes(x, y, known, isRate, varied) {
  const ground = HEIGHT - BOTTOM;
  const parts = [node("line", { x1: LEFT, x2: WIDTH - RIGHT, y1: ground, y2: ground })];
  for (const value of [y.low, (y.low + y.high) / 2, y.high]) {
    const said = isRate ? `${Math.round(100 * value)} %` : String(Number(value.toPrecision(3)));
    parts.push(text(said, LEFT - 6, y.at(value) + 4, "end"));
    parts.push(node("line", { x1: LEFT, x2: WIDTH - RIGHT, y1: y.at(value), y2: y.at(value) }));
  }
  const every = Math.ceil(known.length / 12);
  for (const { place } of known.filter((_, index) => index % every === 0)) {
    parts.push(text(String(place), x.at(place), ground + 15, "middle"));
  }
  parts.push(text(varied, (LEFT + WIDTH - RIGHT) / 2, HEIGHT - 4, "middle"));
  return parts;
}

/**
 * @param {number[]} values
 * @param {number} from
 * @param {number} to
 */
function scale(values, from, to) {
  const least = Math.min(...values);
  const most = Math.max(...values);
  const [low, high] = least === most ? [least - 0.5, most + 0.5] : [least, most];
  /** @param {number} value */
  const at = (value) => Math.round(10 * (from + ((value - low) / (high - low)) * (to - from))) / 10;
  return { low, high, at };
}

/**
 * @param {string} said
 * @param {number} x
 * @param {number} y
 * @param {string} anchor
 */
function text(said, x, y, anchor) {
  const made = node("text", { x, y, "text-anchor": anchor });
  made.textContent = said;
  return made;
}

/**
 * @param {string} tag
 * @param {Record<string, string | number>} attributes
 * @returns {SVGElement}
 */
function node(tag, attributes) {
  const made = /** @type {SVGElement} */ (document.createElementNS(NAMESPACE, tag));
  for (const [name, value] of Object.entries(attributes)) {
    made.setAttribute(name, String(value));
  }
  return made;
}
