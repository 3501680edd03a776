// An edge of a film: the two lines that cross there, and both tokens' probabilities.

import { element } from "../dom.js";

/** @typedef {import("../messages.js").FilmState} FilmState */
/** @typedef {import("../messages.js").FilmEdgeState} FilmEdgeState */
/** @typedef {import("../messages.js").FilmTokenState} FilmTokenState */

const SVG = "http://www.w3.org/2000/svg";
const WIDTH = 320;
const HEIGHT = 110;

/**
 * @param {FilmState} film
 * @param {FilmEdgeState} edge
 * @returns {HTMLElement}
 */
export function edgeNode(film, edge) {
  const said =
    `At ${film.parameter} ${edge.value.toFixed(3)}, token ${edge.position + 1} changes: ` +
    `${quoted(edge.before)} (${percent(edge.before)}) becomes ` +
    `${quoted(edge.after)} (${percent(edge.after)}).`;
  const node = element("div", "chatwidget-film-edge", element("p", "", said), plot(film, edge));
  return node;
}

/** @param {FilmTokenState} token */
export function quoted(token) {
  return `“${token.text.replaceAll("\n", "↵")}”`;
}

/** @param {FilmTokenState} token */
function percent(token) {
  return `${(100 * token.probability).toFixed(1)} %`;
}

/**
 * @param {FilmState} film
 * @param {FilmEdgeState} edge
 */
function plot(film, edge) {
  const picture = svg("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, "aria-hidden": "true" });
  const lines = [edge.before, edge.after];
  const scores = lines.flatMap((line) => [film.low, film.high].map((value) => at(line, value)));
  const [least, most] = [Math.min(...scores), Math.max(...scores)];
  const x = (/** @type {number} */ value) =>
    (WIDTH * (value - film.low)) / (film.high - film.low);
  const y = (/** @type {number} */ score) =>
    HEIGHT - 8 - ((HEIGHT - 16) * (score - least)) / (most - least || 1);
  lines.forEach((line, number) => {
    const ends = { x1: x(film.low), y1: y(at(line, film.low)), x2: x(film.high), y2: y(at(line, film.high)) };
    picture.append(svg("line", { ...ends, class: `chatwidget-film-line${number}` }));
    const text = svg("text", {
      x: number ? WIDTH - 4 : 4,
      y: Math.min(HEIGHT - 4, Math.max(12, y(at(line, number ? film.high : film.low)) - 5)),
      "text-anchor": number ? "end" : "start",
    });
    text.textContent = quoted(line);
    picture.append(text);
  });
  const cross = { cx: x(edge.value), cy: y(at(edge.before, edge.value)), r: 4 };
  picture.append(svg("circle", cross));
  return picture;
}

/**
 * @param {FilmTokenState} line
 * @param {number} value
 */
function at(line, value) {
  return line.level + line.slope * value;
}

/**
 * @param {string} name
 * @param {Record<string, string | number>} attributes
 */
function svg(name, attributes) {
  const node = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) {
    node.setAttribute(key, String(value));
  }
  return node;
}
