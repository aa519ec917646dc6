import { Group, Paper, SimpleGrid, Stack, Text, Title } from "@mantine/core";
import {
  IconAlertTriangle,
  IconCircleCheck,
  IconExclamationCircle,
  IconHelpCircle,
} from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { api, body, type Shapes } from "../../../api/client";
import { DataTable } from "../../../parts/data-table";
import { saveCsv, saveJson } from "../../../parts/export";
import { ago, count, moment, number, percent } from "../../../parts/format";
import { Loaded } from "../../../parts/states";
import { Notice } from "../notice";
import { OncallPage } from "../page";
import { RunbookButton } from "../runbook-drawer";
import { Mark } from "../severity";
import { Sparkline } from "./sparkline";

type Health = Shapes["OncallHealth"];
type Check = Shapes["HealthCheck"];
type Point = Shapes["HealthPoint"];

const EVERY = 5_000;

export default function HealthPage() {
  const query = useQuery({
    queryKey: ["oncall", "health"],
    queryFn: () => body(api.GET("/api/oncall/health")),
    refetchInterval: EVERY,
    staleTime: 0,
  });
  const data = query.data;
  return (
    <OncallPage
      title="Health"
      lead="Is the service up, ready and fresh? What is wrong stands first. A running server is asked every five seconds; the monitor's journal tells of the time before."
      exports={
        data && [
          { label: "Checks (CSV)", onExport: () => saveCsv("health-checks.csv", data.checks, CHECKED) },
          { label: "All of it (JSON)", onExport: () => saveJson("health.json", data) },
        ]
      }
    >
      <Loaded query={query} height={420}>
        {(health) => <Shown health={health} />}
      </Loaded>
    </OncallPage>
  );
}

const CHECKED = ["name", "tone", "value", "says", "source"] as const;

function Shown({ health }: { health: Health }) {
  const bad = health.checks.filter((one) => one.tone === "bad").length;
  const live = health.live.length > 1;
  const points = live ? health.live : health.kept;
  return (
    <Stack gap="lg">
      <Verdict health={health} bad={bad} />
      <section aria-labelledby="checks">
        <Title order={2} size="h4" id="checks" mb="xs">
          What is looked at
        </Title>
        <SimpleGrid cols={{ base: 1, sm: 2, lg: 3 }} spacing="sm">
          {health.checks.map((check) => (
            <CheckCard key={check.name} check={check} />
          ))}
        </SimpleGrid>
      </section>
      {points.length > 0 && (
        <section aria-labelledby="rates">
          <Title order={2} size="h4" id="rates">
            {live ? "Since this page asks" : "As the monitor saw it"}
          </Title>
          <Text size="xs" c="dimmed" mb="xs">
            {live
              ? `From the server's metrics, ${moment(points[0]?.at)} until now.`
              : `One value a session, ${moment(points[0]?.at)} to ${moment(points[points.length - 1]?.at)}. No server's metrics are at hand.`}
          </Text>
          <Rates points={points} />
        </section>
      )}
      <section aria-labelledby="versions">
        <Title order={2} size="h4" id="versions" mb="xs">
          Versions that are served
        </Title>
        <DataTable
          label="Versions that are served"
          rows={health.versions}
          rowKey={(row) => row.role + row.ref}
          empty="Nothing is known of what is served: neither a server, a deployment nor a journal tells."
          columns={[
            { key: "role", title: "Role" },
            { key: "ref", title: "Version" },
            { key: "words", title: "Why" },
          ]}
        />
      </section>
    </Stack>
  );
}

function Verdict({ health, bad }: { health: Health; bad: number }) {
  const warn = health.checks.filter((one) => one.tone === "warn").length;
  const where = health.server ?? "the journal alone";
  if (bad > 0)
    return (
      <Notice
        color="red"
        icon={<IconExclamationCircle aria-hidden />}
        title={bad === 1 ? "One thing is wrong" : `${bad} things are wrong`}
      >
        Asked {where}, {ago(health.as_of)}. Begin with the first card; its run-book section says what to do.
      </Notice>
    );
  if (warn > 0)
    return (
      <Notice
        color="yellow"
        icon={<IconAlertTriangle aria-hidden />}
        title={`${warn} to look at, nothing wrong`}
      >
        Asked {where}, {ago(health.as_of)}.
      </Notice>
    );
  const unknown = health.checks.filter((one) => one.tone === "unknown").length;
  return (
    <Notice
      color={unknown ? "gray" : "teal"}
      icon={unknown ? <IconHelpCircle aria-hidden /> : <IconCircleCheck aria-hidden />}
      title={unknown ? `Nothing wrong is seen; ${unknown} not known` : "All is well"}
    >
      Asked {where}, {ago(health.as_of)}.
    </Notice>
  );
}

const TONES = {
  bad: { color: "red", word: "wrong", icon: IconExclamationCircle },
  warn: { color: "yellow", word: "look", icon: IconAlertTriangle },
  ok: { color: "teal", word: "well", icon: IconCircleCheck },
  unknown: { color: "gray", word: "not known", icon: IconHelpCircle },
} as const;

function CheckCard({ check }: { check: Check }) {
  const { color, word, icon: Icon } = TONES[check.tone];
  return (
    <Paper
      withBorder
      p="sm"
      component="section"
      aria-label={`${check.name}: ${word}`}
      style={{ borderLeft: `4px solid var(--mantine-color-${color}-6)` }}
    >
      <Group justify="space-between" gap="xs" wrap="nowrap" align="flex-start">
        <Text size="xs" c="dimmed">
          {check.name}
        </Text>
        <Mark color={color} icon={<Icon size={13} aria-hidden />}>
          {word}
        </Mark>
      </Group>
      <Text fw={650} fz={20} style={{ fontVariantNumeric: "tabular-nums" }}>
        {check.value}
      </Text>
      <Text size="xs">{check.says}</Text>
      <Group justify="space-between" gap="xs" mt={4}>
        <Text size="xs" c="dimmed" style={{ overflowWrap: "anywhere" }}>
          From {check.source}
        </Text>
        {check.runbook && check.tone !== "ok" && <RunbookButton section={check.runbook} label={check.name} />}
      </Group>
    </Paper>
  );
}

const RATES: readonly {
  key: Exclude<keyof Point, "at">;
  title: string;
  show: (x: number | null) => string;
}[] = [
  { key: "forecasts", title: "Forecasts an hour", show: (x) => (x === null ? "–" : number(x * 3600, 1)) },
  { key: "requests", title: "Requests a second", show: (x) => number(x, 2) },
  { key: "p50", title: "Latency, median", show: (x) => (x === null ? "–" : `${number(x * 1000, 1)} ms`) },
  {
    key: "p99",
    title: "Latency, 99th percentile",
    show: (x) => (x === null ? "–" : `${number(x * 1000, 1)} ms`),
  },
  { key: "errors", title: "Answers that failed", show: (x) => percent(x, 3) },
  { key: "cache", title: "Answered by the cache", show: (x) => percent(x, 1) },
  { key: "memory", title: "Memory", show: (x) => (x === null ? "–" : `${count(x / 2 ** 20)} MiB`) },
];

function Rates({ points }: { points: readonly Point[] }) {
  return (
    <SimpleGrid cols={{ base: 2, sm: 3, lg: 4 }} spacing="sm">
      {RATES.map(({ key, title, show }) => {
        const values = points.map((point) => point[key]);
        const known = values.filter((value) => value !== null);
        if (known.length === 0) return null;
        const last = values[values.length - 1] ?? null;
        const range = `${show(Math.min(...known))} to ${show(Math.max(...known))}`;
        return (
          <Paper key={key} withBorder p="sm" component="section" aria-label={title}>
            <Text size="xs" c="dimmed">
              {title}
            </Text>
            <Text fw={650} style={{ fontVariantNumeric: "tabular-nums" }}>
              {show(last)}
            </Text>
            <Sparkline values={values} label={`${title}: ${range}, now ${show(last)}`} />
            <Text size="xs" c="dimmed">
              {range}
            </Text>
          </Paper>
        );
      })}
    </SimpleGrid>
  );
}
