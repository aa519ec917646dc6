import { expect, test } from "vitest";
import { boxOf, dayAfter, isoOf, severityTone, statusTone } from "./words";

test("moments go to a box and back as UTC", () => {
  expect(boxOf("2026-01-31T08:00:30+02:00")).toBe("2026-01-31T06:00");
  expect(isoOf("2026-01-31T06:00")).toBe("2026-01-31T06:00:00Z");
});

test("days ahead pass the end of a month", () => {
  expect(dayAfter(7, Date.UTC(2026, 0, 28))).toBe("2026-02-04");
});

test("tones", () => {
  expect([severityTone("critical"), severityTone("medium"), severityTone("low")]).toEqual([
    "bad",
    "warn",
    "soft",
  ]);
  expect([statusTone("open"), statusTone("contained"), statusTone("closed")]).toEqual([
    "bad",
    "warn",
    "good",
  ]);
});
