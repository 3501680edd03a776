// The few pictures on buttons, as shapes in the colour of the text around them.

const SVG = "http://www.w3.org/2000/svg";

const SHAPES = {
  chevron: "M4 6l4 4 4-4",
  clip: "M13 7.5l-5.2 5.2a3 3 0 0 1-4.3-4.3l5.6-5.6a2 2 0 0 1 2.9 2.9l-5.5 5.5a1 1 0 0 1-1.5-1.4L9.8 5",
  close: "M4 4l8 8M12 4l-8 8",
  pencil: "M3 13l.6-2.8 7-7 2.2 2.2-7 7zM9.4 4.4l2.2 2.2",
  plus: "M8 3v10M3 8h10",
  refresh: "M13 8a5 5 0 1 1-1.6-3.7M13 2.5v2.6h-2.6",
  search: "M7 11.5a4.5 4.5 0 1 1 0-9 4.5 4.5 0 0 1 0 9zM10.3 10.3L14 14",
  sliders: "M2 5h6M12 5h2M2 11h2M8 11h6M10 3v4M6 9v4",
  thumbDown:
    "M5 9V2.5h6.6l1.4 5V9H9.3l.5 3.2c0 1-.6 1.6-1.4 1.6L5 9zM5 9H2.5V2.5H5",
  thumbUp: "M5 7v6.5h6.6l1.4-5V7H9.3l.5-3.2c0-1-.6-1.6-1.4-1.6L5 7zM5 7H2.5v6.5H5",
  trash: "M3 4.5h10M6.5 4.5V3h3v1.5M4.5 4.5l.6 8.5h5.8l.6-8.5M7 7v3.5M9 7v3.5",
};

/**
 * Make a picture; what it stands for has to be said beside it.
 *
 * @param {keyof typeof SHAPES} name
 * @returns {SVGSVGElement}
 */
export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  const path = document.createElementNS(SVG, "path");
  svg.setAttribute("viewBox", "0 0 16 16");
  svg.setAttribute("class", "chatwidget-icon");
  svg.setAttribute("aria-hidden", "true");
  path.setAttribute("d", SHAPES[name]);
  svg.append(path);
  return svg;
}
