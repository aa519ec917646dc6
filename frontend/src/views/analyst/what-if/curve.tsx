import { Text, useMantineTheme } from "@mantine/core";
import type { UseQueryResult } from "@tanstack/react-query";
import type { Shapes } from "../../../api/client";
import { percent } from "../../../parts/format";
import { type Feature, shown } from "./changes";

const WIDE = 400;
const HIGH = 64;

/** The probability along one feature, everything else as it stands; where it crosses one half is told. */
export function Curve({
  feature,
  query,
  at,
  ends,
}: {
  feature: Feature;
  query: UseQueryResult<Shapes["WhatIfCurve"]>;
  at: number;
  ends: [number, number];
}) {
  const theme = useMantineTheme();
  const data = query.data;
  if (!data || data.feature !== feature.name)
    return <div style={{ height: HIGH + 18 }} aria-busy={query.isFetching} />;
  const low = Math.min(0.5, ...data.probability);
  const high = Math.max(0.5, ...data.probability);
  const pad = Math.max((high - low) * 0.15, 0.002);
  const x = (value: number) => ((value - ends[0]) / (ends[1] - ends[0])) * WIDE;
  const y = (p: number) => HIGH - ((p - low + pad) / (high - low + 2 * pad)) * HIGH;
  const line = data.at.map(
    (value, i) => `${x(value).toFixed(1)},${y(data.probability[i] ?? 0.5).toFixed(1)}`,
  );
  const words =
    data.turns.length > 0
      ? `Alone, it turns the forecast at ${data.turns.map((one) => shown(feature, one)).join(" and ")}.`
      : "Alone, it turns the forecast nowhere in the range of training.";
  return (
    <div>
      <svg
        viewBox={`0 0 ${WIDE} ${HIGH}`}
        width="100%"
        height={HIGH}
        preserveAspectRatio="none"
        role="img"
        aria-label={`Probability along ${feature.name}: from ${percent(data.probability[0])} at ${shown(feature, data.at[0] ?? null)} to ${percent(data.probability.at(-1))} at ${shown(feature, data.at.at(-1) ?? null)}. ${words}`}
      >
        <line
          x1={0}
          x2={WIDE}
          y1={y(0.5)}
          y2={y(0.5)}
          stroke="var(--tw-neutral)"
          strokeDasharray="4 4"
          vectorEffect="non-scaling-stroke"
        />
        <polyline
          points={line.join(" ")}
          fill="none"
          stroke="var(--tw-accent)"
          strokeWidth={2}
          vectorEffect="non-scaling-stroke"
        />
        <line
          x1={x(at)}
          x2={x(at)}
          y1={0}
          y2={HIGH}
          stroke={theme.colors.gray[6]}
          vectorEffect="non-scaling-stroke"
        />
      </svg>
      <Text size="xs" c="dimmed">
        {percent(low)} to {percent(high)}; dashed: one half. {words}
      </Text>
    </div>
  );
}
