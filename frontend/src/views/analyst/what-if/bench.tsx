import { Button, Group, Paper, Select, SimpleGrid, Stack, Text, Title } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { memo, useCallback, useEffect, useMemo, useState } from "react";
import { api, body, type Shapes } from "../../../api/client";
import { saveJson } from "../../../parts/export";
import { day } from "../../../parts/format";
import { useUrlState } from "../../../parts/url-state";
import type { Asked } from "../why/asked";
import { Because, Reading } from "./answer";
import {
  type Changes,
  type Feature,
  readScenarios,
  readValues,
  sliderFeatures,
  type Values,
  writeScenarios,
  writeValues,
} from "./changes";
import { useRun } from "./run";
import { Scenarios } from "./scenarios";
import { FeatureSlider } from "./slider";

/** Milliseconds a hand rests until the address says what is set. */
const WRITTEN = 300;

/** The sliders and scenarios of one forecast, and what the model says of them. */
export function Bench({ start, asked }: { start: Shapes["WhatIfStart"]; asked: Asked }) {
  const [set, setSet] = useUrlState("set");
  const [say, setSay] = useUrlState("say");
  const [values, setValues] = useState<Values>(() => knownOf(readValues(set), start));
  const scenarios = useMemo(() => readScenarios(say), [say]);
  const [added, setAdded] = useState<string[]>([]);
  const [active, setActive] = useState<string | null>(start.features[0]?.name ?? null);
  const changes = useMemo<Changes>(() => ({ values, scenarios }), [values, scenarios]);
  const { moving, rested, changed, resting } = useRun(asked, changes);
  const curve = useCurve(asked, changes, active);
  const reply = changed ? (moving.data ?? null) : null;
  const failed = changed ? (moving.error ?? rested.error) : null;
  const moved = Object.keys(values).join();
  const shownFeatures = useMemo(
    () => sliderFeatures(start.features, added, moved ? moved.split(",") : []),
    [start.features, added, moved],
  );

  // The address is written once the hand rests: who moves a slider waits for what the model says, not for it.
  useEffect(() => {
    const said = writeValues(values);
    if (said === set) return;
    const soon = setTimeout(() => setSet(said), WRITTEN);
    return () => clearTimeout(soon);
  }, [values, set, setSet]);
  const move = useCallback((name: string, to: number) => {
    setActive(name);
    setValues((before) => ({ ...before, [name]: to }));
  }, []);
  const reset = useCallback((name: string) => setValues(({ [name]: _, ...rest }) => rest), []);
  const setScenarios = useCallback((to: string[]) => setSay(writeScenarios(to)), [setSay]);
  const add = useCallback((name: string) => {
    setAdded((before) => [...before, name]);
    setActive(name);
  }, []);

  return (
    <Stack gap="md">
      <Group justify="space-between" gap="xs">
        <Text size="sm">
          Forecast for <b>{start.symbol}</b> made at the close of <b>{day(start.date)}</b>.
        </Text>
        <Group gap="xs">
          <Button
            size="xs"
            variant="default"
            disabled={!changed}
            onClick={() => {
              setValues({});
              setSay("");
            }}
          >
            Reset all
          </Button>
          <Button
            size="xs"
            variant="default"
            disabled={!rested.data || !changed}
            onClick={() =>
              saveJson(`what-if-${start.symbol}-${start.date}.json`, {
                ...asked,
                ...changes,
                answer: rested.data,
              })
            }
          >
            Export (JSON)
          </Button>
        </Group>
      </Group>
      <SimpleGrid cols={{ base: 1, lg: 2 }} spacing="md">
        <Stack gap="md" miw={0}>
          <Reading before={start.probability} reply={reply} />
          <Paper withBorder p="md" component="section" aria-labelledby="scenarios">
            <Title order={2} size="h4" id="scenarios" mb="xs">
              Scenarios
            </Title>
            <Scenarios
              scenarios={scenarios}
              hasFear={start.has_fear}
              onChange={setScenarios}
              failed={failed ? failed.message : null}
            />
          </Paper>
          <Paper withBorder p="md" component="section" aria-labelledby="sliders">
            <Title order={2} size="h4" id="sliders">
              Features it leans on most
            </Title>
            <Text size="xs" c="dimmed" mb="sm">
              Ticks: 5, 25, 50, 75 and 95 % of training. The curve shows the feature in hand.
            </Text>
            <Stack gap="lg">
              {shownFeatures.map((feature) => (
                <FeatureSlider
                  key={feature.name}
                  feature={feature}
                  value={values[feature.name]}
                  onMove={move}
                  onReset={reset}
                  onActive={setActive}
                  curve={active === feature.name ? curve : null}
                />
              ))}
              <OtherFeature features={start.features} shown={shownFeatures} onChoose={add} />
            </Stack>
          </Paper>
        </Stack>
        <Because
          reply={changed ? (rested.data ?? null) : null}
          members={start.members}
          features={start.features}
          resting={resting && !rested.isPlaceholderData}
        />
      </SimpleGrid>
    </Stack>
  );
}

const OtherFeature = memo(function OtherFeature({
  features,
  shown,
  onChoose,
}: {
  features: readonly Feature[];
  shown: readonly Feature[];
  onChoose: (name: string) => void;
}) {
  return (
    <Select
      label="Move another feature"
      size="xs"
      searchable
      clearable
      placeholder={`${features.length} features are read`}
      value={null}
      limit={100}
      data={features
        .filter((one) => !shown.includes(one))
        .map((one) => ({ value: one.name, label: `${one.name}: ${one.words}` }))}
      onChange={(name) => name && onChoose(name)}
    />
  );
});

/** The probability along the feature in hand, once the others rest. */
function useCurve(asked: Asked, changes: Changes, feature: string | null) {
  const { [feature ?? ""]: _, ...others } = changes.values;
  const around = useDebouncedValue(JSON.stringify({ values: others, scenarios: changes.scenarios }), 200)[0];
  return useQuery({
    queryKey: ["what-if", "curve", asked, feature, around],
    queryFn: ({ signal }) =>
      body(
        api.POST("/api/analyst/what-if/curve", {
          body: {
            ...asked,
            feature: feature ?? "",
            ...(JSON.parse(around) as { values: Values; scenarios: string[] }),
          },
          signal,
        }),
      ),
    enabled: feature !== null,
    gcTime: 60_000,
    retry: false,
    placeholderData: keepPreviousData,
  });
}

/** Values of features that this model reads; a link may come from another one. */
function knownOf(values: Values, start: Shapes["WhatIfStart"]): Values {
  const names = new Set(start.features.map((one) => one.name));
  return Object.fromEntries(Object.entries(values).filter(([name]) => names.has(name)));
}
