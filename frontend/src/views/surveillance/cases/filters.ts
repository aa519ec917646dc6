import type { CaseRow } from "../words";

/** What of the queue is asked for; empty text: everything. */
export interface Filters {
  tier: string;
  scheme: string;
  state: string;
  symbol: string;
  /** A name, `-` for nobody. */
  who: string;
  /** Words of the title, an account, an id. */
  text: string;
  late: boolean;
}

export type SortBy = "queue" | "deadline" | "age" | "score";

const MINUTE = 60_000;

/** The rows that all filters let through. */
export function filtered(rows: readonly CaseRow[], by: Filters): CaseRow[] {
  const words = by.text.trim().toLowerCase();
  return rows.filter(
    (row) =>
      (!by.tier || row.tier === by.tier) &&
      (!by.scheme || row.schemes.includes(by.scheme)) &&
      (!by.state || row.state === by.state) &&
      (!by.symbol || row.symbols.includes(by.symbol)) &&
      (!by.who || (by.who === "-" ? !row.assignee : row.assignee === by.who)) &&
      (!by.late || row.overdue) &&
      (!words || [row.id, row.title, ...row.accounts].some((text) => text.toLowerCase().includes(words))),
  );
}

/** The rows in another order; `queue` is the order in which the server says they should be taken. */
export function sorted(rows: readonly CaseRow[], by: SortBy): readonly CaseRow[] {
  if (by === "queue") return rows;
  const of: Record<Exclude<SortBy, "queue">, (row: CaseRow) => number> = {
    deadline: (row) =>
      row.taken_at || row.closed_at ? Number.MAX_SAFE_INTEGER : Date.parse(row.respond_by) / MINUTE,
    age: (row) => Date.parse(row.opened_at) / MINUTE,
    score: (row) => -row.score,
  };
  return [...rows].sort((a, b) => of[by](a) - of[by](b) || a.id.localeCompare(b.id));
}

/** How many rows there are of each value, the most first. */
export function tally(rows: readonly CaseRow[], of: (row: CaseRow) => readonly string[]): [string, number][] {
  const counts = new Map<string, number>();
  for (const row of rows) for (const value of of(row)) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts].sort((a, b) => b[1] - a[1] || a[0].localeCompare(b[0]));
}
