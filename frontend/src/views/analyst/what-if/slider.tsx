import { Button, Group, Slider, Stack, Text } from "@mantine/core";
import { type KeyboardEvent, memo } from "react";
import { points } from "../../../parts/format";
import { endsOf, type Feature, isBeyond, shown } from "./changes";
import { Curve } from "./curve";

const STEPS = 240;
/** Steps that a page is: the slider itself knows arrows, Home and End alone. */
const PAGE = 24;

export interface FeatureSliderProps {
  feature: Feature;
  /** What it is set to; undefined where it is left as it is. */
  value: number | undefined;
  onMove: (name: string, value: number) => void;
  onReset: (name: string) => void;
  onActive: (name: string) => void;
  /** Of the feature in hand, null of the others. */
  curve: Parameters<typeof Curve>[0]["query"] | null;
}

/**
 * One feature that can be moved over the range training saw; ticks are its quantiles there. While one is moved the others
 * are not drawn anew: give them the same functions all along.
 */
export const FeatureSlider = memo(function FeatureSlider(props: FeatureSliderProps) {
  const { feature, value, onMove, onReset, onActive, curve } = props;
  const { name } = feature;
  const [low, high] = endsOf(feature);
  const at = value ?? feature.value ?? feature.marks[2] ?? low;
  const moved = value !== undefined;
  const beyond = isBeyond(feature, at);
  const step = (high - low) / STEPS;
  function page(event: KeyboardEvent) {
    const by = event.key === "PageUp" ? PAGE : event.key === "PageDown" ? -PAGE : 0;
    if (by === 0) return;
    event.preventDefault();
    const to = Math.max(low, Math.min(high, at + by * step));
    onMove(name, to);
  }
  return (
    <Stack gap={2} onFocus={() => onActive(name)} component="section" aria-label={feature.name}>
      <Group justify="space-between" gap="xs" wrap="nowrap" align="flex-start">
        <div style={{ minWidth: 0 }}>
          <Text size="sm" fw={600} style={{ overflowWrap: "anywhere" }}>
            {feature.name}
          </Text>
          <Text size="xs" c="dimmed">
            {feature.words}; gives {points(feature.gives, 2)}
          </Text>
        </div>
        <Group gap={6} wrap="nowrap">
          <Text size="sm" style={{ fontVariantNumeric: "tabular-nums", whiteSpace: "nowrap" }} ta="right">
            {shown(feature, at)}
            {moved && (
              <Text span size="xs" c="dimmed" display="block">
                was {shown(feature, feature.value)}
              </Text>
            )}
          </Text>
          <Button
            size="compact-xs"
            variant="default"
            disabled={!moved}
            onClick={() => onReset(name)}
            aria-label={`Reset ${feature.name}`}
          >
            Reset
          </Button>
        </Group>
      </Group>
      {curve && <Curve feature={feature} query={curve} at={at} ends={[low, high]} />}
      <Slider
        size="sm"
        min={low}
        max={high}
        step={step}
        value={at}
        onChange={(to) => onMove(name, to)}
        onKeyDown={page}
        label={(to) => shown(feature, to)}
        thumbLabel={feature.name}
        thumbValueText={`${shown(feature, at)}${beyond ? ", beyond training" : ""}`}
        color={beyond ? "orange" : undefined}
        marks={feature.marks.map((mark) => ({ value: mark }))}
      />
      <Group gap="xs" justify="space-between" mt={2}>
        <Text size="xs" c="dimmed">
          training {shown(feature, feature.low)} to {shown(feature, feature.high)}
        </Text>
        {beyond && (
          <Text size="xs" fw={600} c="var(--tw-warning)">
            beyond training: read as its edge
          </Text>
        )}
      </Group>
    </Stack>
  );
});
