import type { Shapes } from "../../api/client";
import type { Tone } from "../../parts/charts/palette";

export type CaseRow = Shapes["CaseRow"];
export type SurveilCase = Shapes["SurveilCase"];
export type CaseEvidence = Shapes["CaseEvidence"];

export const TIERS = ["critical", "high", "medium", "low"] as const;
export const STATES = ["new", "assigned", "in_review", "proposed", "closed"] as const;

const STATE_WORDS: Record<string, string> = {
  new: "New",
  assigned: "Assigned",
  in_review: "In review",
  proposed: "Proposed",
  closed: "Closed",
};

const OUTCOME_WORDS: Record<string, string> = {
  no_issue: "No issue",
  false_alarm: "False alarm",
  inconclusive: "Inconclusive",
  escalated: "Escalated",
};

const TIER_TONES: Record<string, Tone> = { critical: "bad", high: "bad", medium: "warning", low: "neutral" };

/** `quote_stuffing` as `Quote stuffing`. */
export function plain(name: string): string {
  const words = name.replaceAll("_", " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}

export const stateWords = (state: string) => STATE_WORDS[state] ?? plain(state);
export const outcomeWords = (outcome: string) => OUTCOME_WORDS[outcome] ?? plain(outcome);
export const tierTone = (tier: string): Tone => TIER_TONES[tier] ?? "neutral";

/** Seconds as a person says them: `42 s`, `5 min`, `3 h`, `2 days`. */
export function lasting(seconds: number): string {
  const s = Math.abs(seconds);
  if (s < 1) return `${Math.round(s * 1000)} ms`;
  if (s < 90) return `${s < 10 ? s.toFixed(1) : Math.round(s)} s`;
  if (s < 5400) return `${Math.round(s / 60)} min`;
  if (s < 172_800) return `${Math.round(s / 3600)} h`;
  return `${Math.round(s / 86_400)} days`;
}

/** How a case stands to the time in which somebody must take it up. */
export function deadline(row: CaseRow, now: number): { text: string; late: boolean } {
  const due = Date.parse(row.respond_by);
  if (row.taken_at) {
    const late = Date.parse(row.taken_at) > due;
    return { text: late ? "taken up late" : "taken up in time", late };
  }
  if (row.state === "closed") return { text: "–", late: false };
  const left = (due - now) / 1000;
  return left >= 0
    ? { text: `${lasting(left)} left`, late: false }
    : { text: `${lasting(left)} over`, late: true };
}

/** A probability that would round to certainty says that it is none. */
export function chance(score: number): string {
  if (score >= 0.9995) return "> 99.9 %";
  if (score < 0.0005) return "< 0.1 %";
  return `${(score * 100).toFixed(1)} %`;
}

/** `2024-03-19T04:45:10.383123+00:00` as `19 Mar 04:45:10.383`. */
export function precise(iso: string, digits = 3): string {
  const when = new Date(`${iso.slice(0, 19)}Z`);
  const date = when.toLocaleDateString("en-GB", { day: "numeric", month: "short", timeZone: "UTC" });
  const fraction = (iso.slice(19).match(/^\.(\d+)/)?.[1] ?? "").padEnd(digits, "0").slice(0, digits);
  return `${date} ${iso.slice(11, 19)}${digits ? `.${fraction}` : ""}`;
}
