import { Group, Text } from "@mantine/core";
import type { Shapes } from "../../../api/client";
import { number, percent } from "../../../parts/format";

type Bin = Shapes["DriftBin"];

const WIDTH = 440;
const HEIGHT = 180;

/** Two distributions over the same bins: the reference as a stepped line, the window as bars. */
export function Histogram({ bins, label }: { bins: readonly Bin[]; label: string }) {
  const top = bins.reduce((most, bin) => Math.max(most, bin.reference, bin.current), 0) || 1;
  const step = WIDTH / Math.max(bins.length, 1);
  const y = (share: number) => HEIGHT - (share / top) * (HEIGHT - 8);
  const outline = bins
    .map((bin, i) => `${i === 0 ? "M" : "L"}${i * step},${y(bin.reference)}H${(i + 1) * step}`)
    .join("");
  const outer = bins.filter((bin) => bin.low === null || bin.high === null);
  const beyond = outer.reduce((sum, bin) => sum + bin.current, 0);
  const usual = outer.reduce((sum, bin) => sum + bin.reference, 0);
  return (
    <figure style={{ margin: 0 }}>
      <svg
        viewBox={`0 0 ${WIDTH} ${HEIGHT + 4}`}
        width="100%"
        role="img"
        aria-label={`${label}. Beyond the reference's middle 98 %: ${percent(beyond)} of the values, ${percent(usual)} in the reference.`}
      >
        {bins.map((bin, i) => (
          <rect
            key={`${bin.low}:${bin.high}`}
            x={i * step + 1}
            width={Math.max(step - 2, 1)}
            y={y(bin.current)}
            height={HEIGHT - y(bin.current)}
            fill="var(--tw-accent)"
            opacity={0.55}
          >
            <title>{`${edge(bin.low, "below")} to ${edge(bin.high, "above")}: now ${percent(bin.current)}, reference ${percent(bin.reference)}`}</title>
          </rect>
        ))}
        <path d={outline} fill="none" stroke="var(--tw-bad)" strokeWidth={2} />
        <line x1={0} x2={WIDTH} y1={HEIGHT} y2={HEIGHT} stroke="var(--tw-neutral)" />
      </svg>
      <Group justify="space-between" gap="xs">
        <Text size="xs" c="dimmed">
          {number(bins[0]?.high ?? null, 3)}
        </Text>
        <Text size="xs" c="dimmed">
          <span aria-hidden style={{ color: "var(--tw-accent)" }}>
            ■
          </span>{" "}
          now{" "}
          <span aria-hidden style={{ color: "var(--tw-bad)" }}>
            ━
          </span>{" "}
          reference
        </Text>
        <Text size="xs" c="dimmed">
          {number(bins[bins.length - 1]?.low ?? null, 3)}
        </Text>
      </Group>
      <Text size="xs" c="dimmed">
        The first and last bin hold all that lies beyond the reference's middle 98 %: {percent(beyond)} now,{" "}
        {percent(usual)} in the reference.
      </Text>
    </figure>
  );
}

function edge(value: number | null, word: string): string {
  return value === null ? word : number(value, 4);
}
