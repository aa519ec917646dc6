/** The kinds of groups, in words. */
export const KINDS: Record<string, string> = {
  sector: "sector",
  size_bucket: "size of the company",
  location: "place of listing",
  both: "sector and size",
  year: "year (data only)",
  volatility_regime: "volatility regime (data only)",
};

/** What a ratio of shares forecast to rise says, in a sentence. */
export function verdict(by: string, ratio: number | null, line: number, broken: boolean | undefined): string {
  const kind = KINDS[by] ?? by;
  if (ratio === null) return `Fewer than two groups by ${kind} have enough forecasts to be compared.`;
  const lowest = `the group that is forecast to rise least is so ${Math.round(ratio * 100)} % as often as the one forecast to rise most`;
  if (broken) return `By ${kind}, ${lowest}: the four-fifths rule is broken beyond chance.`;
  if (ratio < line)
    return `By ${kind}, ${lowest}: under four fifths${broken === false ? ", but not beyond chance" : ""}.`;
  return `By ${kind}, ${lowest}: the four-fifths rule is kept.`;
}
