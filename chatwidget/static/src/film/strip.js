// The strip of a film, a band for each answer; and strips of other noises, one below the other.

import { element } from "../dom.js";
import { quantile } from "./words.js";

/** @typedef {import("../messages.js").FilmState} FilmState */

/**
 * @param {FilmState} film
 * @param {(place: number) => void} onEdge is told the number of the edge next to a click
 * @returns {HTMLElement}
 */
export function bandsNode(film, onEdge) {
  const node = strip(film, film.edges.map((edge) => edge.value));
  [...node.children].forEach((band, place) => {
    if (film.frames[place].doubt > 0.05) {
      band.classList.add("chatwidget-film-doubt");
    }
  });
  node.addEventListener("click", (event) => {
    const box = node.getBoundingClientRect();
    const value = film.low + ((event.clientX - box.left) / box.width) * (film.high - film.low);
    const far = film.edges.map((edge) => Math.abs(edge.value - value));
    if (far.length) {
      onEdge(far.indexOf(Math.min(...far)));
    }
  });
  return node;
}

/**
 * @param {FilmState} film
 * @returns {HTMLElement}
 */
export function stackNode(film) {
  const firsts = film.stack.map(({ edges }) => edges[0] ?? Infinity);
  const strips = film.stack.map(({ edges }) => strip(film, edges));
  const node = element("div", "chatwidget-film-stack", element("p", "", sentence(film, firsts)));
  node.append(...strips);
  return node;
}

/**
 * @param {FilmState} film
 * @param {number[]} firsts where each film changes first
 */
function sentence(film, firsts) {
  const changed = firsts.filter(Number.isFinite).length;
  if (!changed) {
    return `Of ${firsts.length} films none changes.`;
  }
  const told = [0.1, 0.5, 0.9].map((share) => said(film, quantile(firsts, share)));
  return (
    `Of ${firsts.length} films ${changed} change: half of them by ${film.parameter} ${told[1]}, ` +
    `a tenth by ${told[0]}, nine tenths by ${told[2]}.`
  );
}

/**
 * @param {FilmState} film
 * @param {number} value
 */
function said(film, value) {
  return Number.isFinite(value) ? value.toFixed(2) : `beyond ${film.high}`;
}

/**
 * @param {FilmState} film
 * @param {number[]} edges
 */
function strip(film, edges) {
  const node = element("div", "chatwidget-film-strip");
  node.setAttribute("aria-hidden", "true"); // the slider and its buttons tell the same
  const ends = [film.low, ...edges, film.high];
  edges.concat(film.high).forEach((end, place) => {
    const band = element("span", `chatwidget-film-band${place % 2}`);
    band.style.flexGrow = String(end - ends[place]);
    node.append(band);
  });
  return node;
}
