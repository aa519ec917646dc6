export interface Conditions {
  kind: string;
  model: string;
  symbol: string;
  caller: string;
  since: string;
  until: string;
  text: string;
}

interface Field {
  name: Exclude<keyof Conditions, "kind">;
  label: string;
  hint?: string;
  width: number;
  date?: boolean;
}

/** The conditions that are typed. */
export const FIELDS: readonly Field[] = [
  { name: "model", label: "Model", hint: "whole name", width: 140 },
  { name: "symbol", label: "Symbol", hint: "whole name", width: 110 },
  { name: "caller", label: "Caller", hint: "as recorded", width: 140 },
  { name: "since", label: "From (UTC)", width: 140, date: true },
  { name: "until", label: "Before (UTC)", width: 140, date: true },
  { name: "text", label: "Holds the text", hint: "a name, a reason, a hash", width: 220 },
];

/** The conditions that are given: what is sent. */
export function given(conditions: Conditions): Partial<Conditions> {
  return Object.fromEntries(
    Object.entries(conditions)
      .map(([name, value]) => [name, value.trim()] as const)
      .filter(([, value]) => value !== ""),
  );
}
