import type { Shapes } from "../../../api/client";

export type Explanation = Shapes["WhyExplanation"];

/** What a probability says in words; near one half it says nothing. */
export function leanOf(probability: number): string {
  const apart = Math.abs(probability - 0.5);
  if (apart < 0.01) return "no lean: near a coin flip";
  const way = probability > 0.5 ? "rise" : "fall";
  return apart < 0.05 ? `slight lean to a ${way}` : `leans to a ${way}`;
}

/** Every feature's contribution, one row each. */
export function contributionsOf(of: Explanation) {
  return of.groups.flatMap((group) =>
    group.features.map((one) => ({
      group: group.name,
      feature: one.name,
      value: one.value,
      below: one.below,
      gives: one.gives,
    })),
  );
}

/** The steps of a drill-down: the strongest features of a group, the rest as one. */
export function stepsOf(features: Explanation["groups"][number]["features"], most: number) {
  const strongest = [...features].sort((a, b) => Math.abs(b.gives) - Math.abs(a.gives));
  const rest = strongest.slice(most);
  const steps = strongest.slice(0, most).map((one) => ({
    name: one.name,
    value: one.gives,
    detail: `${one.words}: ${one.value}${usual(one.below, one.outside)}`,
  }));
  if (rest.length > 0)
    steps.push({
      name: `${rest.length} weaker`,
      value: rest.reduce((sum, one) => sum + one.gives, 0),
      detail: "features of this group",
    });
  return steps;
}

function usual(below: number | null, outside: boolean): string {
  if (outside) return ", beyond what training saw";
  return below === null ? "" : `, above ${Math.round(below * 100)} % of training`;
}

/** Whether what came was on the side of the forecast; null where it cannot be told. */
export function wasRight(of: Explanation): boolean | null {
  if (!of.outcome || of.outcome.rose === null || of.probability === 0.5) return null;
  return of.outcome.rose === of.probability > 0.5;
}
