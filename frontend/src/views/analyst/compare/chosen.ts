import type { Shapes } from "../../../api/client";

export type ComparedModels = Shapes["CompareModels"];
export type ComparedPair = Shapes["ComparePair"];

export const MODEL_COLUMNS = [
  "name",
  "kind",
  "baseline",
  "weight",
  "accuracy",
  "lower",
  "upper",
  "mcc",
  "brier",
  "ic",
  "sharpe",
  "skill",
  "p_value",
  "n",
  "n_days",
  "bytes",
  "columns",
] as const satisfies readonly (keyof Shapes["CompareModel"])[];

/** The two to compare: as the address names them, else the primary model and the logistic regression beside it. */
export function pairOf(
  own: ComparedModels | undefined,
  theirs: ComparedModels | undefined,
  named: { first: string; second: string },
): { first: string; second: string } | null {
  if (!own || !theirs) return null;
  const first = own.paired.includes(named.first) ? named.first : usual(own.paired, [own.primary]);
  const free = own === theirs ? theirs.paired.filter((one) => one !== first) : theirs.paired;
  const second = free.includes(named.second)
    ? named.second
    : usual(free, own === theirs ? ["logistic", "student", "always_up"] : [theirs.primary]);
  return first && second ? { first, second } : null;
}

function usual(names: readonly string[], wanted: readonly string[]): string | undefined {
  return wanted.find((one) => names.includes(one)) ?? names[0];
}

export function dayRows(pair: ComparedPair) {
  return pair.days.day.map((day, i) => ({
    day,
    right: pair.days.right[i] ?? null,
    brier: pair.days.brier[i] ?? null,
    same: pair.days.same[i] ?? null,
  }));
}

/** A running mean over `window` days, from the day on that has so many behind it. */
export function smooth(values: readonly number[], window: number): (number | null)[] {
  let sum = 0;
  return values.map((value, i) => {
    sum += value - (i >= window ? (values[i - window] ?? 0) : 0);
    return i >= window - 1 ? sum / window : null;
  });
}

/** Bytes as people read them. */
export function size(bytes: number | null): string {
  if (bytes === null) return "–";
  if (bytes < 1024) return `${bytes} B`;
  return bytes < 1024 * 1024 ? `${Math.round(bytes / 1024)} kB` : `${(bytes / 1024 / 1024).toFixed(1)} MB`;
}
