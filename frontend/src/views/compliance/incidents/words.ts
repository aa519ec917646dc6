import type { MarkTone } from "../tone";

/** The tone of a severity. */
export function severityTone(severity: string): MarkTone {
  if (severity === "high" || severity === "critical") return "bad";
  return severity === "medium" ? "warn" : "soft";
}

/** The tone of the state of an incident. */
export function statusTone(status: string): MarkTone {
  if (status === "closed") return "good";
  return status === "contained" ? "warn" : "bad";
}

/** A moment as a box for date and time takes it, in UTC: `2026-01-31T08:00`. */
export function boxOf(iso: string): string {
  return new Date(iso).toISOString().slice(0, 16);
}

/** What a box for date and time holds, read as UTC. */
export function isoOf(box: string): string {
  return `${box.slice(0, 16)}:00Z`;
}

/** A day after `days` days, as `2026-01-31`. */
export function dayAfter(days: number, now: number = Date.now()): string {
  return new Date(now + days * 86_400_000).toISOString().slice(0, 10);
}
