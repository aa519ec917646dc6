import { expect, test } from "vitest";
import { verdict } from "./words";

test("what is under the line is only called broken beyond chance", () => {
  expect(verdict("sector", 0.7, 0.8, true)).toContain("broken beyond chance");
  expect(verdict("sector", 0.7, 0.8, false)).toContain("not beyond chance");
  expect(verdict("sector", 0.7, 0.8, undefined)).toMatch(/under four fifths\.$/);
  expect(verdict("sector", 0.9, 0.8, false)).toContain("kept");
});

test("nothing is claimed of what cannot be compared", () => {
  expect(verdict("size_bucket", null, 0.8, undefined)).toContain("Fewer than two groups");
});
