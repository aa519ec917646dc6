import type { Shapes } from "../../../api/client";

type Incident = Shapes["OncallIncident"];

export const SHOWN = ["now", "open", "acknowledged", "silenced", "resolved", "all"] as const;
export type Shown = (typeof SHOWN)[number];

const GRAVITY = ["info", "warning", "error", "critical"] as const;

const WITHIN: Record<Exclude<Shown, "all" | "now">, readonly Incident["standing"][]> = {
  open: ["open", "escalated"],
  acknowledged: ["acknowledged"],
  silenced: ["silenced", "held back"],
  resolved: ["resolved"],
};

/** The incidents that stand so and are at least so grave, and in which the words sought occur. */
export function chosen(
  incidents: readonly Incident[],
  shown: string,
  least: string,
  sought: string,
): readonly Incident[] {
  const floor = Math.max(0, GRAVITY.indexOf(least as (typeof GRAVITY)[number]));
  const text = sought.trim().toLowerCase();
  return incidents.filter(
    (one) =>
      standsSo(one, shown) &&
      GRAVITY.indexOf(one.severity) >= floor &&
      (text === "" ||
        `${one.title} ${one.id} ${one.kinds.join(" ")} ${one.area}`.toLowerCase().includes(text)),
  );
}

function standsSo(one: Incident, shown: string): boolean {
  if (shown === "all") return true;
  if (shown in WITHIN) return WITHIN[shown as keyof typeof WITHIN].includes(one.standing);
  return one.standing !== "resolved";
}
