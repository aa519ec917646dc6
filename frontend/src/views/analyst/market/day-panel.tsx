import { Button, Group, Paper, SimpleGrid, Stack, Text, Title } from "@mantine/core";
import { IconChevronLeft, IconChevronRight, IconCircleCheck, IconCircleX } from "@tabler/icons-react";
import type { ReactNode } from "react";
import { Link } from "react-router";
import { timeText } from "../../../parts/charts/time";
import { number, percent, signed } from "../../../parts/format";
import type { Bars } from "./data";
import { dayAt } from "./day";

/** What was forecast at the close of one bar, what came, and the way to its explanation. */
export function DayPanel({
  bars,
  index,
  onGo,
}: {
  bars: Bars;
  index: number;
  onGo: (index: number) => void;
}) {
  const day = dayAt(bars, index);
  const iso = typeof day.time === "number" ? new Date(day.time * 1000).toISOString() : day.time;
  const why = new URLSearchParams({ project: bars.project, symbol: bars.symbol, date: iso });
  return (
    <Paper withBorder p="md" component="section" aria-label="One day">
      <Stack gap="sm">
        <Group justify="space-between" gap="xs">
          <Title order={2} size="h4">
            {bars.symbol} at the close of {timeText(day.time)}
          </Title>
          <Group gap="xs">
            <Button
              size="xs"
              variant="default"
              disabled={index === 0}
              leftSection={<IconChevronLeft size={14} aria-hidden />}
              onClick={() => onGo(index - 1)}
            >
              Bar before
            </Button>
            <Button
              size="xs"
              variant="default"
              disabled={index >= bars.time.length - 1}
              rightSection={<IconChevronRight size={14} aria-hidden />}
              onClick={() => onGo(index + 1)}
            >
              Next bar
            </Button>
            {day.probability !== null && (
              <Button size="xs" component={Link} to={`/analyst/why?${why}`}>
                Why this forecast
              </Button>
            )}
          </Group>
        </Group>
        {day.probability === null ? (
          <Text size="sm">
            No forecast out of sample was made at this bar: the model learned from it, or it lies before the
            evaluation.
          </Text>
        ) : (
          <SimpleGrid cols={{ base: 2, sm: 3, lg: 6 }} spacing="sm">
            <Fact name="Probability of a rise">{percent(day.probability)}</Fact>
            <Fact name="Expected return">
              {day.expected === null ? "–" : `${signed(day.expected * 100, 2)} %`}
            </Fact>
            <Fact name="Interval of the price">
              {day.lower === null ? "none" : `${number(day.lower)} to ${number(day.upper)}`}
            </Fact>
            <Fact name="What came">
              {day.came === null ? "not known yet" : `${signed(day.came * 100, 2)} %`}
            </Fact>
            <Fact name="Direction">
              <Outcome right={day.outcome === null ? null : day.outcome === 1} yes="right" no="wrong" />
            </Fact>
            <Fact name="Interval">
              <Outcome right={day.inside} yes="held it" no="missed it" />
            </Fact>
          </SimpleGrid>
        )}
      </Stack>
    </Paper>
  );
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div>
      <Text size="xs" c="dimmed">
        {name}
      </Text>
      <Text component="div" size="sm" fw={600}>
        {children}
      </Text>
    </div>
  );
}

function Outcome({ right, yes, no }: { right: boolean | null; yes: string; no: string }) {
  if (right === null) return <>not judged</>;
  return (
    <Group gap={4} wrap="nowrap">
      {right ? <IconCircleCheck size={16} aria-hidden /> : <IconCircleX size={16} aria-hidden />}
      {right ? yes : no}
    </Group>
  );
}
