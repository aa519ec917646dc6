import { Alert, Text } from "@mantine/core";
import { IconAlertTriangle, IconCircleCheck } from "@tabler/icons-react";
import { count, day, number, percent } from "../../parts/format";
import { Stat, Stats } from "../../parts/stat";
import type { Summary } from "./data";

/** Whether skill was shown, before any number that might look like it. */
export function VerdictBox({ summary }: { summary: Summary }) {
  const { verdict } = summary;
  if (!verdict)
    return (
      <Alert color="yellow" icon={<IconAlertTriangle aria-hidden />} title="Not measured">
        No forecast of this model was compared with what happened. How often it is right is not known.
      </Alert>
    );
  const words = verdict.words.charAt(0).toUpperCase() + verdict.words.slice(1);
  return (
    <Alert
      color={verdict.skill ? "cyan" : "orange"}
      icon={verdict.skill ? <IconCircleCheck aria-hidden /> : <IconAlertTriangle aria-hidden />}
      styles={{ title: { color: "var(--mantine-color-text)" } }}
      title={verdict.skill ? "Skill was shown out of sample" : "No skill was shown"}
    >
      <Text size="sm">{words}.</Text>
      {!verdict.skill && (
        <Text size="sm" fw={600} mt={4}>
          The forecasts below are no ground for a decision.
        </Text>
      )}
    </Alert>
  );
}

/** The numbers that matter, each with what it is to be compared with. */
export function Figures({ summary }: { summary: Summary }) {
  const { market, record, money } = summary;
  return (
    <Stats cols={4}>
      {market && (
        <Stat
          label="The symbols together"
          value={`${market.rises} up, ${market.falls} down`}
          hint={`${market.words} Mean probability of a rise ${percent(market.mean_probability)}.`}
        />
      )}
      {record && (
        <Stat
          label="Right out of sample"
          value={percent(record.accuracy)}
          hint={`${percent(record.level, 0)} interval ${percent(record.lower)} to ${percent(record.upper)}; always saying up: ${percent(record.rises)}. ${count(record.n)} forecasts, ${day(record.first)} to ${day(record.last)}.`}
        />
      )}
      {record && (
        <Stat
          label="Off by, in probability"
          value={
            record.calibration_error === null ? "–" : `${number(record.calibration_error * 100, 1)} points`
          }
          hint={
            record.coverage !== null && record.promised !== null
              ? `Mean gap between what was said and what came. Intervals held ${percent(record.coverage)} of returns where ${percent(record.promised, 0)} was promised.`
              : "Mean gap between what was said and what came."
          }
        />
      )}
      {money && (
        <Stat
          label="Earned after costs"
          value={percent(money.total)}
          hint={`Holding every symbol: ${percent(money.held_total)}. Largest fall ${percent(money.drawdown)} (held ${percent(money.held_drawdown)}).`}
        />
      )}
    </Stats>
  );
}
