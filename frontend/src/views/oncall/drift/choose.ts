import type { Shapes } from "../../../api/client";

type Row = Shapes["DriftRow"];

export interface Line {
  name: string;
  /** The feature a cell opens; null for a group. */
  feature: string | null;
  values: readonly (number | null)[];
}

/** One line for each group: in every column the largest of its features, for one that drifted must be seen. */
export function byGroup(rows: readonly Row[]): Line[] {
  const groups = new Map<string, Row[]>();
  for (const row of rows) groups.set(row.group, [...(groups.get(row.group) ?? []), row]);
  return [...groups]
    .map(([name, members]) => ({
      name: `${name} (${members.length})`,
      feature: null,
      values: (members[0]?.values ?? []).map((_, column) =>
        largest(members.map((one) => one.values[column] ?? null)),
      ),
    }))
    .sort((a, b) => (last(b) ?? -1) - (last(a) ?? -1));
}

/** The features that are sought, in the order they have: the most drifted first. */
export function byFeature(rows: readonly Row[], group: string, sought: string, most: number): Line[] {
  const text = sought.trim().toLowerCase();
  return rows
    .filter((row) => (group === "" || row.group === group) && row.feature.toLowerCase().includes(text))
    .slice(0, most)
    .map((row) => ({ name: row.feature, feature: row.feature, values: row.values }));
}

function largest(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : Math.max(...known);
}

function last(line: Line): number | null {
  return line.values[line.values.length - 1] ?? null;
}
