import assert from "node:assert/strict";
import { test } from "node:test";

import {
  LARGEST_FILE,
  MOST_FILES,
  Recall,
  sends,
  withFiles,
} from "../../../chatwidget/static/src/panel/composer_rules.js";
import { find } from "../../../chatwidget/static/src/panel/find.js";
import { followsAfter } from "../../../chatwidget/static/src/panel/follow.js";
import { nextLink } from "../../../chatwidget/static/src/panel/kernel_link.js";
import { arrange, placed } from "../../../chatwidget/static/src/panel/layout.js";

const key = (name, fields = {}) => ({ key: name, ...fields });

test("Enter sends if it may, Ctrl+Enter always, and what an input method takes never", () => {
  assert.ok(sends(key("Enter"), true));
  assert.ok(!sends(key("Enter", { shiftKey: true }), true));
  assert.ok(!sends(key("Enter"), false));
  assert.ok(sends(key("Enter", { ctrlKey: true }), false));
  assert.ok(sends(key("Enter", { metaKey: true }), false));
  assert.ok(!sends(key("Enter", { isComposing: true }), true));
  assert.ok(!sends(key("a"), true));
});

test("arrow keys bring earlier questions back, the newest first, and an empty field last", () => {
  const recall = new Recall();
  const prompts = ["first", "second"];
  const up = key("ArrowUp");
  const down = key("ArrowDown");
  assert.equal(recall.text(up, "typed", prompts), null);
  assert.equal(recall.text(down, "", prompts), null);
  assert.equal(recall.text(up, "", prompts), "second");
  assert.equal(recall.text(up, "second", prompts), "first");
  assert.equal(recall.text(up, "first", prompts), "first");
  assert.equal(recall.text(down, "first", prompts), "second");
  assert.equal(recall.text(down, "second", prompts), "");
  assert.equal(recall.text(down, "", prompts), null);
  recall.text(up, "", prompts);
  recall.reset();
  assert.equal(recall.text(up, "second and more", prompts), null);
  assert.equal(recall.text(up, "", []), null);
});

test("at most 20 files of 20 MB go along, and what does not is said", () => {
  const file = (name, size = 1) => ({ name, size });
  assert.deepEqual(withFiles([file("a")], [file("b")]), { files: [file("a"), file("b")], problem: "" });
  const large = withFiles([], [file("a", LARGEST_FILE + 1), file("b", LARGEST_FILE)]);
  assert.deepEqual(large.files, [file("b", LARGEST_FILE)]);
  assert.equal(large.problem, "a is larger than 20 MB.");
  const many = withFiles([file("a")], Array.from({ length: MOST_FILES + 1 }, (_, it) => file(`${it}`)));
  assert.equal(many.files.length, MOST_FILES);
  assert.equal(many.problem, "At most 20 files go along; 2 of them did not.");
});

test("a parameter is found by its name and by what it does, its name first", () => {
  const items = [
    { value: "max_tokens", detail: "The answer ends after this many tokens." },
    { value: "logit_bias", detail: "Adds to the logits of tokens." },
    { value: "top_p", detail: "Only the likeliest tokens." },
    { value: "tokens", detail: "" },
  ];
  const names = (typed) => find(typed, items).map(({ value }) => value);
  assert.deepEqual(names(""), ["max_tokens", "logit_bias", "top_p", "tokens"]);
  assert.deepEqual(names("Tokens"), ["tokens", "max_tokens", "logit_bias", "top_p"]);
  assert.deepEqual(names("max tok"), ["max_tokens"]);
  assert.deepEqual(names("likeliest top"), ["top_p"]);
  assert.deepEqual(names("nothing of the kind"), []);
});

const at = (top, height = 1000, room = 100) => ({ top, height, room });

test("who scrolls up lets go of the end, and who comes near it follows again", () => {
  assert.equal(followsAfter(true, at(900), at(860)), false);
  assert.equal(followsAfter(false, at(400), at(500)), false);
  assert.equal(followsAfter(false, at(400), at(870)), true);
  assert.equal(followsAfter(true, at(900), at(890, 1200)), false);
});

test("what the page does by itself lets nothing go", () => {
  assert.equal(followsAfter(true, at(900), at(850, 1000, 150)), true, "a lower composer");
  assert.equal(followsAfter(true, at(900), at(700, 800)), true, "less content");
  assert.equal(followsAfter(true, at(900), at(0, 0, 0)), true, "out of sight");
  assert.equal(followsAfter(false, at(400), at(0, 0, 0)), false);
  assert.equal(followsAfter(true, at(900), at(900, 1400)), true, "more content");
});

test("a kernel that restarted is lost, one that was out of reach is not", () => {
  assert.equal(nextLink("there", "disconnected"), "away");
  assert.equal(nextLink("away", "connected"), "there");
  assert.equal(nextLink("there", "restarting"), "restarted");
  assert.equal(nextLink("restarted", "connected"), "restarted");
  assert.equal(nextLink("there", "dead"), "dead");
  assert.equal(nextLink("dead", "connected"), "restarted");
  assert.equal(nextLink("away", "dead"), "dead");
});

function state(open, sent) {
  const groups = { sampling: ["temperature", "top_p", "seed"], length: ["stop", "max_tokens"] };
  const names = Object.values(groups).flat();
  return {
    parameters: Object.fromEntries(
      names.map((name) => [name, { name, status: sent.includes(name) ? "sent" : "unsent" }]),
    ),
    groups: Object.entries(groups).map(([name, parameters]) => ({
      name,
      parameters,
      open: open.includes(name),
    })),
  };
}

test("the four sliders and what is sent are in sight, the rest in groups that are open", () => {
  const closed = arrange(state([], ["temperature", "stop"]), "");
  assert.deepEqual(closed.sampling, ["temperature", "top_p"]);
  assert.deepEqual(closed.others, ["stop"]);
  assert.deepEqual([...closed.groups], []);
  const open = arrange(state(["length"], ["stop", "seed"]), "");
  assert.deepEqual(open.others, ["seed"]);
  assert.deepEqual([...open.groups], [["length", ["stop", "max_tokens"]]]);
  assert.deepEqual(placed(open), ["temperature", "top_p", "seed", "stop", "max_tokens"]);
});

test("what was looked for is in sight, unless its group is open", () => {
  assert.deepEqual(arrange(state([], []), "max_tokens").others, ["max_tokens"]);
  assert.deepEqual(arrange(state(["length"], []), "max_tokens").others, []);
  assert.deepEqual(arrange(state([], []), "temperature").others, []);
});
