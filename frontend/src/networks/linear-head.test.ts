import { expect, test } from "vitest";
import { crossValidated, fitHead, probabilities } from "./linear-head";
import cases from "./linear-head.golden.json";

test.each(cases)("$classes classes: the probabilities are those of scikit-learn", (one) => {
  const head = fitHead(one.features, one.labels, one.classes);
  one.tried.forEach((features, index) => {
    probabilities(head, features).forEach((value, label) => {
      expect(value).toBeCloseTo(one.probabilities[index][label], 3);
    });
  });
});

test("a picture that is there twice changes nothing but its weight", () => {
  const features = [
    [1, 0],
    [1, 0],
    [0, 1],
    [0, 1.2],
  ];
  const head = fitHead(features, [0, 0, 1, 1], 2);
  expect(probabilities(head, [1, 0])[0]).toBeGreaterThan(0.7);
});

test("classes that lie apart are distinguished by heads that did not learn from the picture", () => {
  const features = Array.from({ length: 12 }, (_, i) => [i % 2 ? 4 : -4, Math.sin(i)]);
  const labels = features.map((_, i) => i % 2);
  expect(crossValidated(features, labels, 2)).toEqual({ right: 12, total: 12 });
  expect(crossValidated(features.slice(0, 3), [0, 0, 1], 2)).toBeNull();
});
