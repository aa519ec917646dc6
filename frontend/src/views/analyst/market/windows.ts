/** How much of the history is shown, in bars. */
export const WINDOWS = [
  { value: "3m", label: "3 months", bars: 63 },
  { value: "6m", label: "6 months", bars: 126 },
  { value: "1y", label: "1 year", bars: 252 },
  { value: "3y", label: "3 years", bars: 756 },
  { value: "all", label: "All", bars: Number.POSITIVE_INFINITY },
] as const;

/** The bars of a window by its name in the address. */
export function barsOf(window: string): number {
  return WINDOWS.find((one) => one.value === window)?.bars ?? 126;
}
