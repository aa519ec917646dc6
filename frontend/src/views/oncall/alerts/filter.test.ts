import { describe, expect, it } from "vitest";
import type { Shapes } from "../../../api/client";
import { pairs } from "./acts";
import { chosen } from "./filter";

type Incident = Shapes["OncallIncident"];

function incident(id: string, standing: Incident["standing"], severity: Incident["severity"]): Incident {
  return {
    id,
    standing,
    severity,
    title: `feed_silent: ${id}`,
    area: "data_quality",
    kinds: ["feed_silent"],
    grouped_by: "",
    opened_at: "",
    resolved_at: null,
    alerts: 1,
    explains: 0,
    acknowledged_by: null,
    acknowledged_at: null,
    note: "",
    told: [],
    step: -1,
    runbook: "",
  };
}

const ALL = [
  incident("a", "open", "critical"),
  incident("b", "escalated", "warning"),
  incident("c", "held back", "error"),
  incident("d", "resolved", "critical"),
];
const ids = (found: readonly Incident[]) => found.map((one) => one.id).join("");

describe("which incidents are shown", () => {
  it("leaves out what is over unless it is asked for", () => {
    expect(ids(chosen(ALL, "now", "info", ""))).toBe("abc");
    expect(ids(chosen(ALL, "open", "info", ""))).toBe("ab");
    expect(ids(chosen(ALL, "silenced", "info", ""))).toBe("c");
    expect(ids(chosen(ALL, "all", "info", ""))).toBe("abcd");
  });

  it("keeps to a severity and to the words sought", () => {
    expect(ids(chosen(ALL, "all", "error", ""))).toBe("acd");
    expect(ids(chosen(ALL, "all", "info", "SILENT: b"))).toBe("b");
  });

  it("counts what an address cannot mean as the usual", () => {
    expect(ids(chosen(ALL, "strange", "strange", ""))).toBe("abc");
  });
});

describe("what a silence matches", () => {
  it("is read word by word", () => {
    expect(pairs("kind=feature_*,ks  feed=primary nothing")).toEqual({
      kind: "feature_*,ks",
      feed: "primary",
    });
  });
});
