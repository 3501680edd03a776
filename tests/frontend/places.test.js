import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

import { later, openPage } from "./page.js";
import { Places } from "../../chatwidget/static/src/places.js";

let body;
let events;
beforeEach(() => {
  body = openPage();
  events = [];
});

function output(html) {
  body.innerHTML = `<div class="jp-OutputArea">${html}</div>`;
}

function watched(equip = (place) => (place.textContent = "live")) {
  return new Places("place", (place) => {
    events.push("equip");
    equip(place);
    return () => events.push("release");
  });
}

test("each place is equipped once, however often it is looked for", () => {
  output('<i class="place"></i><i class="place"></i>');
  const places = watched();
  places.look();
  assert.deepEqual(events, ["equip", "equip"]);
  places.dispose();
  assert.deepEqual(events.slice(2), ["release", "release"]);
});

test("a place that has gone is let go of, and one that is drawn anew is equipped", async () => {
  output('<b><i class="place"></i></b>');
  const places = watched();
  body.querySelector("b").innerHTML = '<i class="place"></i>'; // deep in the same area
  await later();
  assert.deepEqual(events, ["equip", "release", "equip"]);
  body.innerHTML = "";
  document.dispatchEvent(new Event("focusin"));
  assert.deepEqual(events.slice(3), ["release"]);
  places.dispose();
});

test("what comes later is waited for, and after the end nothing is equipped", async () => {
  const places = watched();
  output('<i class="place"></i>');
  await later(80);
  assert.deepEqual(events, ["equip"]);
  places.dispose();
  output('<i class="place"></i>');
  document.dispatchEvent(new Event("pointerover"));
  await later(80);
  assert.deepEqual(events, ["equip", "release"]);
});

test("a place for which nothing is known yet is asked for again", () => {
  output('<i class="place"></i>');
  let state = null;
  const places = new Places("place", () => {
    events.push(state);
    return state && (() => events.push("release"));
  });
  state = "first";
  places.again();
  state = "second";
  places.again();
  assert.deepEqual(events, [null, "first", "release", "second"]);
  places.dispose();
});

test("what is let go of is out of reach when that fails", () => {
  output('<i class="place"></i>');
  const places = new Places("place", () => () => {
    throw new Error("gone");
  });
  assert.throws(() => places.again(), /gone/);
  assert.equal(places.equipped.size, 0);
});
