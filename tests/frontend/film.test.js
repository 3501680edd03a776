import assert from "node:assert/strict";
import { test } from "node:test";

import { frameAt, news, quantile, shared, wordsOf } from "../../chatwidget/static/src/film/words.js";

test("the words of a text are the text", () => {
  for (const text of ["", "  a b\n\nc ", "one", "\n", "a  b\t"]) {
    assert.equal(wordsOf(text).join(""), text);
  }
});

test("an edge belongs to the answer below it", () => {
  const edges = [0, 0.5, 1];
  const places = [0, 0.25, 0.5, 0.75, 1, 1.25].map((value) => frameAt(edges, value));
  assert.deepEqual(places, [0, 1, 1, 2, 2, 3]);
  assert.equal(frameAt([], 7), 0);
});

test("only the words between shared ends change", () => {
  assert.deepEqual(shared(["a", "b", "c"], ["a", "x", "c"]), { start: 1, end: 1 });
  assert.deepEqual(shared(["a"], ["a"]), { start: 1, end: 0 });
  assert.deepEqual(shared(["a", "a"], ["a"]), { start: 1, end: 0 });
  assert.deepEqual(shared([], ["a"]), { start: 0, end: 0 });
});

test("what another answer does not have is new", () => {
  assert.deepEqual(news(["a", "b", "c"], ["a", "x", "b", "y"]), [false, true, false, true]);
  assert.deepEqual(news([], ["a"]), [true]);
  assert.deepEqual(news(["a"], ["a"]), [false]);
});

test("a quantile of nothing finite is infinite", () => {
  assert.equal(quantile([1, 2, 3, Infinity], 0.5), 3);
  assert.equal(quantile([Infinity], 0.1), Infinity);
});
