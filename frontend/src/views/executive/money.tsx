import { Group, Text } from "@mantine/core";
import { useMemo } from "react";
import { LineChart } from "../../parts/charts/lines";
import { number, percent } from "../../parts/format";
import type { Summary } from "./data";
import { Section } from "./section";

/** What following the forecasts would have made of one unit, after costs, beside holding every symbol. */
export function Money({ summary }: { summary: Summary }) {
  const { money } = summary;
  const series = useMemo(
    () =>
      money
        ? [
            { name: "by the model, after costs", points: money.model, tone: "accent" as const },
            { name: "every symbol held", points: money.held, tone: "neutral" as const },
          ]
        : [],
    [money],
  );
  if (!money) return null;
  return (
    <Section title="What following it would have made of 1" says={money.words}>
      <LineChart
        label="Worth of one unit, by the model and by holding"
        series={series}
        height={260}
        digits={2}
      />
      <Group gap="lg">
        <Text size="sm">
          By the model <b>{percent(money.total)}</b>, Sharpe {number(money.sharpe)}
        </Text>
        <Text size="sm">
          Held <b>{percent(money.held_total)}</b>, Sharpe {number(money.held_sharpe)}
        </Text>
      </Group>
    </Section>
  );
}
