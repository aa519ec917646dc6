import {
  Group,
  NumberInput,
  Paper,
  SegmentedControl,
  Select,
  SimpleGrid,
  Slider,
  Text,
  TextInput,
} from "@mantine/core";
import { useEffect, useId, useState } from "react";
import { CHOICES, type Controls, type SetControl } from "./controls";

/** How forecasts become positions; every change is computed anew by the server. */
export function ControlPanel({
  controls,
  set,
  first,
  last,
}: {
  controls: Controls;
  set: SetControl;
  first?: string;
  last?: string;
}) {
  return (
    <Paper withBorder p="md" component="section" aria-label="How forecasts are traded">
      <SimpleGrid cols={{ base: 1, xs: 2, lg: 4 }} spacing="md" verticalSpacing="sm">
        <Select
          label="Positions"
          size="xs"
          allowDeselect={false}
          data={CHOICES.weights}
          value={controls.weights}
          onChange={(value) => value && set("weights", value as Controls["weights"])}
        />
        <Switched label="Sides" data={CHOICES.side} value={controls.side} onChange={(v) => set("side", v)} />
        <Switched
          label="Signal"
          data={CHOICES.signal}
          value={controls.signal}
          onChange={(v) => set("signal", v)}
        />
        <Switched
          label="Traded"
          data={CHOICES.execution}
          value={controls.execution}
          onChange={(v) => set("execution", v)}
        />
        {controls.weights === "decile" && (
          <Slid
            label="Share of the symbols in each tail"
            value={controls.tail}
            low={0.01}
            high={0.5}
            step={0.01}
            text={(x) => `${Math.round(x * 100)} %`}
            onDone={(x) => set("tail", x)}
          />
        )}
        {controls.weights === "sign" &&
          (controls.signal === "probability" ? (
            <Slid
              label="Least distance of the probability from 50 %"
              value={controls.least}
              low={0}
              high={0.2}
              step={0.005}
              text={(x) => `${(x * 100).toFixed(1)} pp`}
              onDone={(x) => set("least", x)}
            />
          ) : (
            <Slid
              label="Least expected return, up or down"
              value={controls.least}
              low={0}
              high={0.02}
              step={0.0005}
              text={(x) => `${Math.round(x * 10_000)} bp`}
              onDone={(x) => set("least", x)}
            />
          ))}
        <Slid
          label="Cost of a unit of turnover"
          value={controls.cost_bp}
          low={0}
          high={50}
          step={1}
          text={(x) => `${x} bp`}
          onDone={(x) => set("cost_bp", x)}
        />
        <NumberInput
          label="Slippage, bp"
          size="xs"
          min={0}
          max={1000}
          value={controls.slippage_bp}
          onChange={(value) => typeof value === "number" && set("slippage_bp", value)}
        />
        <Group grow gap="xs">
          <TextInput
            type="date"
            label="From"
            size="xs"
            min={first}
            max={last}
            value={controls.start}
            onChange={(event) => set("start", event.currentTarget.value)}
          />
          <TextInput
            type="date"
            label="To"
            size="xs"
            min={first}
            max={last}
            value={controls.end}
            onChange={(event) => set("end", event.currentTarget.value)}
          />
        </Group>
      </SimpleGrid>
    </Paper>
  );
}

function Switched<V extends string>({
  label,
  data,
  value,
  onChange,
}: {
  label: string;
  data: readonly { value: V; label: string }[];
  value: V;
  onChange: (value: V) => void;
}) {
  const id = useId();
  return (
    <div>
      <Text size="xs" fw={500} id={id} mb={2}>
        {label}
      </Text>
      <SegmentedControl
        aria-labelledby={id}
        size="xs"
        fullWidth
        data={[...data]}
        value={value}
        onChange={(found) => onChange(found as V)}
      />
    </div>
  );
}

/** A slider that tells its value at once and asks the server when it is let go: what is passed over is no try. */
function Slid({
  label,
  value,
  low,
  high,
  step,
  text,
  onDone,
}: {
  label: string;
  value: number;
  low: number;
  high: number;
  step: number;
  text: (value: number) => string;
  onDone: (value: number) => void;
}) {
  const [now, setNow] = useState(value);
  useEffect(() => setNow(value), [value]);
  return (
    <div>
      <Group justify="space-between" gap="xs" wrap="nowrap">
        <Text size="xs" fw={500}>
          {label}
        </Text>
        <Text size="xs" style={{ fontVariantNumeric: "tabular-nums", whiteSpace: "nowrap" }}>
          {text(now)}
        </Text>
      </Group>
      <Slider
        thumbLabel={label}
        size="sm"
        mt={8}
        min={low}
        max={high}
        step={step}
        label={null}
        value={now}
        thumbProps={{ "aria-valuetext": text(now) } as React.HTMLAttributes<HTMLDivElement>}
        onChange={setNow}
        onChangeEnd={(found) => onDone(Number(found.toFixed(6)))}
      />
    </div>
  );
}
