import { Accordion, Anchor, Button, Code, Group, Stack, Text, TextInput, Title } from "@mantine/core";
import { IconCircleCheck, IconStethoscope } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { Link } from "react-router";
import { api, body, type Shapes } from "../../../api/client";
import { BarList } from "../../../parts/charts/bars";
import { LineChart } from "../../../parts/charts/lines";
import { DataTable } from "../../../parts/data-table";
import { saveCsv, saveJson } from "../../../parts/export";
import { count, day, moment, number, percent } from "../../../parts/format";
import { Rating } from "../../../parts/rating";
import { Stat, Stats } from "../../../parts/stat";
import { useUrlFlag, useUrlState } from "../../../parts/url-state";
import { heading } from "../kinds";
import { Notice } from "../notice";
import { OncallPage } from "../page";
import { Mark } from "../severity";
import { Waited } from "../waited";

type Diagnosis = Shapes["OncallDiagnosis"];
type Cause = Shapes["DiagnosisCause"];

export default function DiagnosisPage() {
  const [begin, setBegin] = useUrlState("begin");
  const [end, setEnd] = useUrlState("end");
  const query = useQuery({
    queryKey: ["oncall", "diagnosis", begin, end],
    queryFn: () =>
      body(
        api.GET("/api/oncall/diagnosis", {
          params: { query: { begin: begin || undefined, end: end || undefined } },
        }),
      ),
    staleTime: 120_000,
  });
  const data = query.data;
  return (
    <OncallPage
      title="Diagnosis"
      lead="The most probable causes of what went wrong in a span of days, from the slices and findings that the monitor kept. Belief is shared among all causes and “no fault”; it is only as good as that list of causes."
      exports={
        data && [
          { label: "Diagnosis (JSON)", onExport: () => saveJson("diagnosis.json", data) },
          {
            label: "Causes (CSV)",
            onExport: () =>
              saveCsv("causes.csv", data.causes, [
                "kind",
                "about",
                "belief",
                "log_odds",
                "since",
                "action",
                "command",
              ]),
          },
        ]
      }
    >
      <Group gap="sm" align="flex-end">
        <TextInput
          type="date"
          size="xs"
          label="From"
          value={begin || (data?.begin.slice(0, 10) ?? "")}
          min={data?.first_day}
          max={data?.last_day}
          onChange={(event) => setBegin(event.currentTarget.value)}
        />
        <TextInput
          type="date"
          size="xs"
          label="To"
          value={end || (data?.end.slice(0, 10) ?? "")}
          min={data?.first_day}
          max={data?.last_day}
          onChange={(event) => setEnd(event.currentTarget.value)}
        />
        {data && (
          <Text size="xs" c="dimmed" role="status">
            {data.reference} slices before tell what is usual; {count(data.findings)} findings were read; it
            took {number(data.seconds, 1)} s.
          </Text>
        )}
      </Group>
      <Waited query={query} what="diagnosis" height={420}>
        {(found) => <Shown found={found} />}
      </Waited>
    </OncallPage>
  );
}

function Shown({ found }: { found: Diagnosis }) {
  const top = found.causes[0];
  const fine = top?.kind === "no_fault";
  return (
    <Stack gap="lg">
      <Notice
        color={fine ? "teal" : "red"}
        icon={fine ? <IconCircleCheck aria-hidden /> : <IconStethoscope aria-hidden />}
        title={found.headline}
      >
        {top?.command && (
          <>
            Begin with <Code style={{ overflowWrap: "anywhere" }}>{top.command}</Code>
          </>
        )}
        <div style={{ marginTop: 8 }}>
          <Rating
            kind="diagnosis"
            subject={found.id}
            context={{ cause: top?.kind, begin: found.begin, end: found.end }}
            question="Was this diagnosis useful?"
          />
        </div>
      </Notice>
      <Performance found={found} />
      <Causes causes={found.causes} />
      <Steps found={found} />
      <ErrorSlices found={found} />
      {found.shifts.length > 0 && (
        <section aria-labelledby="shifts">
          <Title order={2} size="h4" id="shifts">
            Features that moved
          </Title>
          <Text size="xs" c="dimmed" mb="xs">
            Mean of the span less that of the days before, in standard deviations of those.{" "}
            <Anchor component={Link} to="/oncall/drift" size="xs" underline="always">
              See the drift of all features
            </Anchor>
          </Text>
          <BarList
            label="Features that moved, in standard deviations"
            items={found.shifts
              .slice(0, 10)
              .map((one) => ({ name: one.feature, value: one.shift, tone: "accent" }))}
            unit="sd"
            digits={2}
            signed
          />
        </section>
      )}
    </Stack>
  );
}

function Performance({ found }: { found: Diagnosis }) {
  const series = useMemo(() => {
    const points = (values: Diagnosis["accuracy"]) =>
      values.map((one) => ({ time: one.day, value: one.value }));
    return {
      accuracy: [{ name: "Right directions a day", points: points(found.accuracy) }],
      trace: [{ name: found.trace_name, points: points(found.trace) }],
    };
  }, [found]);
  const markers = useMemo(
    () => [{ time: found.begin.slice(0, 10), text: "span begins", tone: "neutral" as const }],
    [found],
  );
  const levels = useMemo(
    () => (found.accuracy_usual === null ? [] : [{ value: found.accuracy_usual, name: "usual" }]),
    [found],
  );
  return (
    <section aria-labelledby="performance">
      <Title order={2} size="h4" id="performance" mb="xs">
        What was seen
      </Title>
      <Stats cols={3}>
        <Stat
          label="Right directions in the span"
          value={percent(found.accuracy_now)}
          hint="of the labels known by its end"
        />
        <Stat
          label="Right directions before"
          value={percent(found.accuracy_usual)}
          hint={`over ${found.reference} slices`}
        />
        <Stat
          label="Level of accuracy changed"
          value={found.changes.length ? day(found.changes[found.changes.length - 1]) : "no change"}
          hint={
            found.changes.length
              ? `the newest of ${found.changes.length}; seen from the end of the span`
              : "by PELT"
          }
        />
      </Stats>
      <Stack gap="sm" mt="sm">
        {found.trace.length > 0 && (
          <figure style={{ margin: 0 }}>
            <Text component="figcaption" size="sm" fw={550}>
              The evidence for the first cause: {found.trace_name}
            </Text>
            <LineChart
              label={`Evidence: ${found.trace_name}`}
              series={series.trace}
              markers={markers}
              height={180}
            />
          </figure>
        )}
        <figure style={{ margin: 0 }}>
          <Text component="figcaption" size="sm" fw={550}>
            Right directions, by day
          </Text>
          <LineChart
            label="Right directions by day"
            series={series.accuracy}
            markers={markers}
            levels={levels}
            unit="%"
            height={180}
          />
        </figure>
      </Stack>
    </section>
  );
}

function Causes({ causes }: { causes: readonly Cause[] }) {
  const [open, setOpen] = useUrlState("cause", causes[0]?.kind ?? "");
  const [all, setAll] = useUrlFlag("all");
  const shown = causes.filter((one, i) => all || i < 4 || one.belief >= 0.01 || one.kind === open);
  return (
    <section aria-labelledby="causes">
      <Title order={2} size="h4" id="causes" mb="xs">
        Causes, the most probable first
      </Title>
      <Accordion
        variant="separated"
        chevronPosition="left"
        value={open}
        onChange={(value) => setOpen(value ?? "none")}
        order={3}
      >
        {shown.map((cause) => (
          <Accordion.Item key={cause.kind} value={cause.kind}>
            <Accordion.Control>
              <Group justify="space-between" gap="xs" wrap="nowrap">
                <Text size="sm" fw={550} style={{ overflowWrap: "anywhere" }}>
                  {heading(cause.kind)}
                  {cause.about && `: ${cause.about}`}
                </Text>
                <Text size="sm" style={{ fontVariantNumeric: "tabular-nums", whiteSpace: "nowrap" }}>
                  {cause.belief > 0.99
                    ? "over 99 %"
                    : cause.belief < 0.001
                      ? "below 0.1 %"
                      : percent(cause.belief)}
                </Text>
              </Group>
            </Accordion.Control>
            <Accordion.Panel>
              <CauseBody cause={cause} />
            </Accordion.Panel>
          </Accordion.Item>
        ))}
      </Accordion>
      {(all || shown.length < causes.length) && (
        <Button size="xs" variant="subtle" mt="xs" aria-expanded={all} onClick={() => setAll(!all)}>
          {all
            ? "Show the first alone"
            : `Show the other ${causes.length - shown.length} causes, all below 1 %`}
        </Button>
      )}
    </section>
  );
}

function CauseBody({ cause }: { cause: Cause }) {
  return (
    <Stack gap="xs">
      {cause.since && (
        <Text size="sm">
          Since {moment(cause.since)}
          {cause.until && cause.until !== cause.since && `, last seen ${moment(cause.until)}`}.
        </Text>
      )}
      {cause.evidence.length > 0 && (
        <ul style={{ margin: 0, paddingLeft: 18 }}>
          {cause.evidence.map((one) => (
            <li key={one.text}>
              <Text size="sm">{one.text}</Text>
            </li>
          ))}
        </ul>
      )}
      {cause.ruled_out && <Text size="sm">Looked at and found fine: {cause.ruled_out}</Text>}
      {cause.explained_by && (
        <Text size="sm">Most of its evidence is explained by another cause: {cause.explained_by}.</Text>
      )}
      <Text size="sm">
        <b>What to do:</b> {cause.action}
      </Text>
      {cause.command && <Code style={{ overflowWrap: "anywhere" }}>{cause.command}</Code>}
      <Text size="xs" c="dimmed">
        Log odds against chance {number(cause.log_odds, 1)}, after what other causes explain was taken off.
      </Text>
    </Stack>
  );
}

const VERDICT = { fine: "teal", "at fault": "red" } as const;

function Steps({ found }: { found: Diagnosis }) {
  return (
    <section aria-labelledby="steps">
      <Title order={2} size="h4" id="steps" mb="xs">
        The play-book, step by step
      </Title>
      <DataTable
        label="Steps of the play-book"
        rows={found.steps}
        rowKey={(row) => row.name}
        columns={[
          { key: "name", title: "Step", sort: false, render: (row) => heading(row.name) },
          {
            key: "verdict",
            title: "It is",
            sort: false,
            render: (row) => (
              <Mark color={VERDICT[row.verdict as keyof typeof VERDICT] ?? "gray"}>{row.verdict}</Mark>
            ),
          },
          {
            key: "lines",
            title: "What was looked at",
            sort: false,
            render: (row) => row.lines.map((line) => <div key={line}>{line}</div>),
          },
        ]}
      />
    </section>
  );
}

function ErrorSlices({ found }: { found: Diagnosis }) {
  return (
    <section aria-labelledby="slices">
      <Title order={2} size="h4" id="slices">
        Where the error is
      </Title>
      <Text size="xs" c="dimmed" mb="xs">
        Forecasts that are wrong more often than the rest of the span. Rows of one day move together and many
        conditions were tried; the p-values account for both.
      </Text>
      <DataTable
        label="Where the error is"
        rows={found.slices}
        rowKey={(row) => row.conditions.join()}
        empty="Nowhere in particular: no group of forecasts is wrong clearly more often than the rest."
        columns={[
          { key: "conditions", title: "Forecasts with", render: (row) => row.conditions.join(" and ") },
          { key: "number", title: "Number", numeric: true },
          { key: "error", title: "Wrong", numeric: true, render: (row) => percent(row.error) },
          { key: "rest", title: "Others", numeric: true, render: (row) => percent(row.rest) },
          { key: "usual", title: "Before", numeric: true, render: (row) => percent(row.usual) },
          { key: "p_value", title: "p", numeric: true, render: (row) => number(row.p_value, 4) },
        ]}
      />
    </section>
  );
}
