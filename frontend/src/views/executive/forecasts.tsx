import { Badge, Box, Button, Divider, Group, Stack, Text } from "@mantine/core";
import { IconArrowDown, IconArrowUp, IconMinus } from "@tabler/icons-react";
import { Link } from "react-router";
import { type Column, DataTable } from "../../parts/data-table";
import { day, percent, signed } from "../../parts/format";
import { Rating } from "../../parts/rating";
import { useUrlState } from "../../parts/url-state";
import { useMe } from "../../session/session";
import type { Summary } from "./data";
import { Section } from "./section";

export type Forecast = Summary["forecasts"][number];

const DOUBTS: Record<string, string> = {
  near: "near a coin flip",
  wide: "wide interval",
  dissent: "members disagree",
  outside: "inputs unlike training",
  missing: "inputs missing",
};

/** What signs of low confidence are called. */
export function doubtsOf(one: Forecast): string[] {
  return one.doubts.map((name) => DOUBTS[name] ?? name);
}

const ICONS = { rise: IconArrowUp, fall: IconArrowDown, none: IconMinus } as const;
const SIDES = { rise: "a rise", fall: "a fall", none: "neither way" } as const;

/** "moderate lean to a rise". */
export function leanOf(one: Forecast): string {
  if (one.side === "none") return "no lean";
  return `${one.strength} lean to ${SIDES[one.side]}`;
}

function Lean({ one }: { one: Forecast }) {
  const Icon = ICONS[one.side];
  return (
    <Group gap={4} wrap="nowrap" component="span">
      <Icon
        size={16}
        aria-hidden
        style={{ flexShrink: 0 }}
        color={one.side === "fall" ? "var(--tw-bad)" : "var(--tw-good)"}
      />
      <span>{leanOf(one)}</span>
    </Group>
  );
}

const COLUMNS: Column<Forecast>[] = [
  {
    key: "symbol",
    title: "Symbol",
    render: (one) => (
      <>
        <b>{one.symbol}</b>{" "}
        {one.name && (
          <Text span size="xs" c="dimmed">
            {one.name}
          </Text>
        )}
      </>
    ),
  },
  {
    key: "probability",
    title: "Rise",
    numeric: true,
    render: (one) => percent(one.probability),
  },
  {
    key: "side",
    title: "Lean",
    render: (one) => <Lean one={one} />,
    sort: (one) => one.probability - 0.5,
  },
  {
    key: "expected_return",
    title: "Expected return",
    numeric: true,
    render: (one) => move(one.expected_return),
  },
  {
    key: "lower",
    title: "Interval",
    numeric: true,
    render: (one) => (one.lower === null ? "–" : `${move(one.lower)} to ${move(one.upper)}`),
    sort: (one) => (one.upper ?? 0) - (one.lower ?? 0),
  },
  {
    key: "doubts",
    title: "Doubts",
    render: (one) => doubtsOf(one).join(", ") || "none",
    sort: (one) => one.doubts.length,
  },
];

function move(x: number | null): string {
  return x === null ? "–" : `${signed(x * 100, 2)} %`;
}

/** What the model says of every symbol, the surest first, and why. */
export function Forecasts({ summary }: { summary: Summary }) {
  const [open, setOpen] = useUrlState("symbol");
  const rows = summary.forecasts;
  const chosen = rows.find((one) => one.symbol === open) ?? rows[0];
  const next = summary.ahead ? "its next bar" : "the bar after the last one tested";
  const promised = summary.record?.promised;
  return (
    <Section
      title="What the model says now"
      says={`Probability that a symbol rises by ${next}; the surest first. Choose a row to read why.${
        promised ? ` Intervals are meant to hold ${percent(promised, 0)} of returns.` : ""
      }`}
    >
      <DataTable
        label="Forecasts"
        rows={rows}
        columns={COLUMNS}
        rowKey={(one) => one.symbol}
        onRow={(one) => setOpen(one.symbol)}
        selected={chosen?.symbol ?? null}
        height={rows.length > 8 ? 330 : undefined}
      />
      {chosen && <Reason one={chosen} project={summary.project} />}
    </Section>
  );
}

function Reason({ one, project }: { one: Forecast; project: string }) {
  const me = useMe();
  const to = `/analyst/why?${new URLSearchParams({ project, symbol: one.symbol, date: one.date.slice(0, 10) })}`;
  return (
    <Box component="section" aria-label={`Why ${one.symbol}`} aria-live="polite">
      <Divider mb="sm" />
      <Stack gap="xs">
        <Group gap="xs">
          <Text fw={650}>
            {one.symbol}: {percent(one.probability)} for a rise, {leanOf(one)}
          </Text>
          {doubtsOf(one).map((doubt) => (
            <Badge key={doubt} color="gray" variant="outline" tt="none">
              low confidence: {doubt}
            </Badge>
          ))}
        </Group>
        {one.why ? (
          <Text size="sm" maw={860}>
            {one.why}
          </Text>
        ) : (
          <Text size="sm" c="dimmed">
            This forecast of {day(one.date)} was not explained. The job of the project explains its forecasts.
          </Text>
        )}
        <Group justify="space-between" align="flex-start" className="tw-no-print">
          {one.explanation ? (
            <Rating
              key={one.explanation}
              kind="explanation"
              subject={one.explanation}
              context={{ layer: "executive", project, symbol: one.symbol, date: one.date.slice(0, 10) }}
              question="Was this sentence useful?"
            />
          ) : (
            <span />
          )}
          {me.views.includes("analyst") && (
            <Button component={Link} to={to} size="compact-sm" variant="subtle">
              Every reason, in the analyst view
            </Button>
          )}
        </Group>
      </Stack>
    </Box>
  );
}
