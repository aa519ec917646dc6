import { describe, expect, it } from "vitest";
import type { CaseRow } from "../words";
import { chance, deadline, lasting, precise } from "../words";
import { type Filters, filtered, sorted, tally } from "./filters";

const NONE: Filters = { tier: "", scheme: "", state: "", symbol: "", who: "", text: "", late: false };
const row = (id: string, more: Partial<CaseRow> = {}): CaseRow => ({
  id,
  title: `Spoofing in ABC by A${id}`,
  tier: "high",
  state: "new",
  score: 0.9,
  schemes: ["spoofing"],
  symbols: ["ABC"],
  accounts: [`A${id}`],
  account_count: 1,
  alert_count: 1,
  first: "2026-01-05T10:00:00.000000+00:00",
  last: "2026-01-05T10:01:00.000000+00:00",
  opened_at: "2026-01-05T12:00:00+00:00",
  respond_by: "2026-01-05T13:00:00+00:00",
  taken_at: null,
  assignee: null,
  overdue: false,
  proposed_by: null,
  proposed: null,
  outcome: null,
  closed_at: null,
  ...more,
});
const ROWS = [
  row("C1", { tier: "critical", overdue: true }),
  row("C2", { assignee: "ann", state: "in_review", taken_at: "2026-01-05T12:10:00+00:00", score: 0.99 }),
  row("C3", {
    schemes: ["wash_trading", "spoofing"],
    symbols: ["XYZ"],
    opened_at: "2026-01-04T12:00:00+00:00",
  }),
];
const ids = (rows: readonly CaseRow[]) => rows.map((one) => one.id);

describe("filtered", () => {
  it("lets everything through without a filter", () =>
    expect(ids(filtered(ROWS, NONE))).toEqual(["C1", "C2", "C3"]));
  it("keeps what all filters let through", () => {
    expect(ids(filtered(ROWS, { ...NONE, scheme: "spoofing", symbol: "ABC" }))).toEqual(["C1", "C2"]);
    expect(ids(filtered(ROWS, { ...NONE, late: true }))).toEqual(["C1"]);
    expect(ids(filtered(ROWS, { ...NONE, text: "ac3" }))).toEqual(["C3"]);
  });
  it("tells cases that nobody has from those of a person", () => {
    expect(ids(filtered(ROWS, { ...NONE, who: "-" }))).toEqual(["C1", "C3"]);
    expect(ids(filtered(ROWS, { ...NONE, who: "ann" }))).toEqual(["C2"]);
  });
});

describe("sorted", () => {
  it("keeps the server's order for taking", () =>
    expect(ids(sorted(ROWS, "queue"))).toEqual(["C1", "C2", "C3"]));
  it("puts the surest and the oldest first", () => {
    expect(ids(sorted(ROWS, "score"))[0]).toBe("C2");
    expect(ids(sorted(ROWS, "age"))[0]).toBe("C3");
  });
  it("puts what is taken up last by deadline", () => expect(ids(sorted(ROWS, "deadline")).at(-1)).toBe("C2"));
});

it("counts each scheme of a case", () =>
  expect(tally(ROWS, (one) => one.schemes)).toEqual([
    ["spoofing", 3],
    ["wash_trading", 1],
  ]));

describe("words", () => {
  const now = Date.parse("2026-01-05T13:30:00Z");
  it("says how late a case is", () => {
    expect(deadline(ROWS[0] as CaseRow, now)).toEqual({ text: "30 min over", late: true });
    expect(deadline(ROWS[1] as CaseRow, now)).toEqual({ text: "taken up in time", late: false });
  });
  it("never rounds a probability to certainty", () => {
    expect([chance(0.99999), chance(0.98765), chance(0.0001)]).toEqual(["> 99.9 %", "98.8 %", "< 0.1 %"]);
  });
  it("cuts times and never rounds them", () =>
    expect(precise("2026-01-05T10:00:00.123999+00:00")).toBe("5 Jan 10:00:00.123"));
  it("says lengths of time", () =>
    expect([lasting(0.25), lasting(42), lasting(600), lasting(200_000)]).toEqual([
      "250 ms",
      "42 s",
      "10 min",
      "2 days",
    ]));
});
