import { Box, VisuallyHidden } from "@mantine/core";
import { usePalette } from "../../../parts/charts/palette";
import { number, percent } from "../../../parts/format";
import type { Distribution } from "./data";

const WIDTH = 640;
const HEIGHT = 190;
const FOOT = 22;
const NAMES: Record<string, string> = {
  training: "training",
  forecasts: "all forecasts",
  latest: "latest sessions",
};
const STROKES = ["", "6 3", "2 2"];

/** The name of a span in words. */
export function spanName(name: string): string {
  return NAMES[name] ?? name;
}

/** Shares of the values in equal bins: training as an area, later spans as lines that differ by stroke. */
export function Histogram({ found }: { found: Distribution }) {
  const palette = usePalette();
  const top = Math.max(...found.spans.flatMap((span) => span.shares), 1e-9);
  const bins = found.edges.length - 1;
  const x = (edge: number) => (edge / bins) * WIDTH;
  const y = (share: number) => (HEIGHT - FOOT) * (1 - share / top);
  const outline = (shares: readonly number[]) =>
    shares.map((share, i) => `${i ? "L" : "M"}${x(i)},${y(share)} L${x(i + 1)},${y(share)}`).join(" ");
  const colour = (i: number) => palette.series[i] ?? palette.text;
  return (
    <Box component="figure" m={0}>
      <svg
        viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
        width="100%"
        role="img"
        aria-label={`Distribution of ${found.feature}: the table below has its figures`}
      >
        {found.spans.map((span, i) =>
          i === 0 ? (
            <path
              key={span.name}
              d={`${outline(span.shares)} L${WIDTH},${y(0)} L0,${y(0)} Z`}
              fill={palette.band}
              stroke={colour(i)}
              strokeWidth="1.5"
            />
          ) : (
            <path
              key={span.name}
              d={outline(span.shares)}
              fill="none"
              stroke={colour(i)}
              strokeWidth="2"
              strokeDasharray={STROKES[i]}
            />
          ),
        )}
        <line x1="0" x2={WIDTH} y1={y(0)} y2={y(0)} stroke={palette.cross} />
        {[0, bins / 2, bins].map((edge) => (
          <text
            key={edge}
            x={x(edge)}
            y={HEIGHT - 6}
            fontSize="12"
            fill={palette.text}
            textAnchor={edge === 0 ? "start" : edge === bins ? "end" : "middle"}
          >
            {number(found.edges[edge], 3)}
          </text>
        ))}
      </svg>
      <Box component="figcaption" fz="xs" style={{ display: "flex", gap: 16, flexWrap: "wrap" }}>
        {found.spans.map((span, i) => (
          <span key={span.name}>
            <svg width="24" height="8" aria-hidden="true">
              <line
                x1="0"
                x2="24"
                y1="4"
                y2="4"
                stroke={colour(i)}
                strokeWidth="2.5"
                strokeDasharray={STROKES[i]}
              />
            </svg>{" "}
            {spanName(span.name)}
          </span>
        ))}
        <span>
          the outer bins hold what lies beyond; the middle 99 % of training is {number(found.edges[0], 3)} to{" "}
          {number(found.edges[bins], 3)}
        </span>
      </Box>
      <VisuallyHidden>
        {found.spans.map((span) => {
          const most = span.shares.indexOf(Math.max(...span.shares));
          return `${spanName(span.name)}: most values, ${percent(span.shares[most])}, between ${number(found.edges[most], 3)} and ${number(found.edges[most + 1], 3)}. `;
        })}
      </VisuallyHidden>
    </Box>
  );
}
