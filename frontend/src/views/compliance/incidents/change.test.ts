import { expect, test } from "vitest";
import type { Shapes } from "../../../api/client";
import { changed } from "./change";

const incident = {
  reference: "INC-2026-001",
  status: "open",
  cause: "Under investigation.",
  timeline: [{ at: "2026-01-02T08:00:00Z", what: "seen", by: "ann", audit: null }],
  actions: [],
  lessons: [],
  resolved: null,
} as unknown as Shapes["IncidentShape"];
const filled = (values: Record<string, string>) => (name: string) => values[name] ?? "";

test("a note takes its place in the timeline", () => {
  const made = changed(
    incident,
    "note",
    "bob",
    filled({ at: "2026-01-01T00:00", what: "earlier", audit: "7" }),
  );
  expect(made.timeline.map((one) => one.what)).toEqual(["earlier", "seen"]);
  expect(made.timeline[0]?.audit).toBe(7);
});

test("closing gives the cause, the end and the lessons", () => {
  const made = changed(
    incident,
    "close",
    "bob",
    filled({ at: "2026-01-03T10:00", cause: "A file moved", lessons: "watch its age\n\n" }),
  );
  expect(made).toMatchObject({
    status: "closed",
    cause: "A file moved",
    resolved: "2026-01-03T10:00:00Z",
    lessons: ["watch its age"],
  });
});
