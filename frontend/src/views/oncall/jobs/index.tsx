import { Button, Group, List, Stack, Text, Timeline, Title } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { api, body, type Shapes } from "../../../api/client";
import { DataTable } from "../../../parts/data-table";
import { saveCsv, saveJson } from "../../../parts/export";
import { ago, count, day, moment, number } from "../../../parts/format";
import { useLive } from "../../../parts/live";
import { Stat, Stats } from "../../../parts/stat";
import { Loaded } from "../../../parts/states";
import { heading } from "../kinds";
import { Notice } from "../notice";
import { OncallPage } from "../page";
import { Mark } from "../severity";

type Jobs = Shapes["OncallJobs"];
type Retrainings = Shapes["OncallRetrainings"];

const STATES: Record<string, string> = {
  done: "teal",
  failed: "red",
  abandoned: "red",
  running: "blue",
  waiting: "gray",
  skipped: "gray",
};

export default function JobsPage() {
  const jobs = useQuery({ queryKey: ["oncall", "jobs"], queryFn: () => body(api.GET("/api/oncall/jobs")) });
  const retrainings = useQuery({
    queryKey: ["oncall", "retrainings"],
    queryFn: () => body(api.GET("/api/oncall/retrainings")),
  });
  useLive(
    ["jobs"],
    [
      ["oncall", "jobs"],
      ["oncall", "retrainings"],
    ],
  );
  return (
    <OncallPage
      title="Jobs and retraining"
      lead="What ran beside the monitor, what is due, what waits for a person, and what calls for a retraining."
      exports={[
        ...(jobs.data
          ? [
              {
                label: "Runs of jobs (CSV)",
                onExport: () =>
                  saveCsv("job-runs.csv", jobs.data.runs, [
                    "job",
                    "key",
                    "state",
                    "due_at",
                    "started_at",
                    "ended_at",
                    "attempts",
                    "result",
                    "error",
                  ]),
              },
            ]
          : []),
        ...(retrainings.data
          ? [{ label: "Retrainings (JSON)", onExport: () => saveJson("retrainings.json", retrainings.data) }]
          : []),
      ]}
    >
      <Loaded query={retrainings} height={200}>
        {(found) => <Retraining found={found} />}
      </Loaded>
      <section aria-labelledby="runs">
        <Title order={2} size="h4" id="runs" mb="xs">
          Jobs
        </Title>
        <Loaded query={jobs} height={200}>
          {(found) => <Runs jobs={found} />}
        </Loaded>
      </section>
      {retrainings.data && <Actions found={retrainings.data} />}
    </OncallPage>
  );
}

function Runs({ jobs }: { jobs: Jobs }) {
  return (
    <Stack gap="sm">
      {jobs.waiting > 0 && (
        <Notice color="red" role="status" title={`${jobs.waiting} runs wait for a person`}>
          They were cut or failed too often. Decide whether each is made again or counts as done.
        </Notice>
      )}
      <Text size="sm">
        {jobs.due.length > 0
          ? `Due next: ${jobs.due.map((one) => `${one.job} (${one.every}) ${moment(one.next_due)}`).join("; ")}.`
          : `No job is due by itself; ${jobs.settings} has no table for one.`}
      </Text>
      <DataTable
        label="Runs of jobs"
        rows={jobs.runs}
        rowKey={(row) => `${row.job} ${row.key}`}
        empty="No run is kept."
        columns={[
          { key: "job", title: "Job" },
          { key: "due_at", title: "Due", render: (row) => moment(row.due_at) },
          {
            key: "state",
            title: "State",
            render: (row) => <Mark color={STATES[row.state] ?? "gray"}>{row.state}</Mark>,
          },
          {
            key: "seconds",
            title: "Took",
            numeric: true,
            render: (row) => (row.seconds === null ? "–" : `${number(row.seconds, 1)} s`),
          },
          { key: "attempts", title: "Tries", numeric: true },
          {
            key: "result",
            title: "Outcome",
            sort: false,
            render: (row) => (
              <Text size="xs" style={{ overflowWrap: "anywhere" }} miw={180}>
                {row.error || row.result || "–"}
              </Text>
            ),
          },
          { key: "settle", title: "Decide", sort: false, render: (row) => <Settle run={row} /> },
        ]}
      />
    </Stack>
  );
}

function Settle({ run }: { run: Shapes["OncallJobRun"] }) {
  const client = useQueryClient();
  const settle = useMutation({
    mutationFn: (again: boolean) =>
      body(api.POST("/api/oncall/jobs/settle", { body: { job: run.job, key: run.key, again } })),
    onSuccess: () => client.invalidateQueries({ queryKey: ["oncall", "jobs"] }),
    onError: (error) =>
      notifications.show({ color: "red", title: "It was not settled", message: error.message }),
  });
  if (run.state !== "failed" && run.state !== "abandoned") return "–";
  return (
    <Group gap={4} wrap="nowrap">
      <Button
        size="compact-xs"
        variant="default"
        loading={settle.isPending}
        onClick={() => settle.mutate(true)}
      >
        Again
      </Button>
      <Button
        size="compact-xs"
        variant="default"
        loading={settle.isPending}
        onClick={() => settle.mutate(false)}
      >
        Done
      </Button>
    </Group>
  );
}

function Retraining({ found }: { found: Retrainings }) {
  const { decision } = found;
  return (
    <section aria-labelledby="retraining">
      <Title order={2} size="h4" id="retraining" mb="xs">
        Retraining
      </Title>
      <Stack gap="sm">
        {decision && (
          <Notice
            color={decision.go ? "orange" : "gray"}
            title={`By the journal, ${decision.go ? "a retraining is called for" : decision.fired.length > 0 ? "a retraining is called for, and held back" : "nothing calls for a retraining"}`}
          >
            <List size="sm" spacing={2}>
              {decision.fired.map((one) => (
                <List.Item key={one}>Called for by {one}</List.Item>
              ))}
              {decision.held_back.map((one) => (
                <List.Item key={one}>Held back: {one}</List.Item>
              ))}
            </List>
            <Text size="xs" c="dimmed" mt={4}>
              As of {moment(decision.at)}, from drift, the calendar and the state of the data. Accuracy by
              week needs prices: <code>tradewind retrain check</code> weighs it too.
            </Text>
          </Notice>
        )}
        {found.budgets.map((budget) => (
          <div key={budget.model}>
            <Text size="sm" fw={550}>
              {budget.model}
            </Text>
            <Stats>
              <Stat
                label="Begun in 30 days"
                value={`${budget.month_used} of ${budget.month_most}`}
                hint="by triggers or people"
              />
              <Stat label="Begun in 91 days" value={`${budget.quarter_used} of ${budget.quarter_most}`} />
              <Stat
                label="Gap to the next"
                value={`${count(budget.gap_days)} days`}
                hint="longer for each challenger in a row that lost"
              />
              <Stat
                label="Next may begin"
                value={budget.earliest ? day(budget.earliest) : "now"}
                hint={
                  budget.open_run
                    ? `run ${budget.open_run} goes on`
                    : "a person’s request waits for none of this"
                }
              />
            </Stats>
          </div>
        ))}
        {found.runs.length === 0 ? (
          <Text size="sm" c="dimmed">
            No model has been retrained yet.{" "}
            <code>tradewind retrain run --model NAME --prices FILE --as PERSON</code> begins one where it is
            called for.
          </Text>
        ) : (
          <DataTable
            label="Retrainings"
            rows={found.runs}
            rowKey={(row) => row.id}
            columns={[
              { key: "started", title: "Began", render: (row) => moment(row.started) },
              { key: "model", title: "Model" },
              { key: "fired", title: "Asked by", sort: false, render: (row) => row.fired.join("; ") || "–" },
              { key: "version", title: "Version", numeric: true },
              { key: "stand", title: "Stands at", render: (row) => heading(row.stand) },
              {
                key: "steps",
                title: "Says",
                sort: false,
                render: (row) => row.steps[row.steps.length - 1]?.words ?? "–",
              },
            ]}
          />
        )}
      </Stack>
    </section>
  );
}

function Actions({ found }: { found: Retrainings }) {
  return (
    <section aria-labelledby="actions">
      <Title order={2} size="h4" id="actions" mb="xs">
        What the monitor and people did
      </Title>
      {found.actions.length === 0 ? (
        <Text size="sm" c="dimmed">
          Nothing is kept.
        </Text>
      ) : (
        <Timeline bulletSize={12} lineWidth={2} color="gray">
          {found.actions.slice(0, 30).map((one, i) => (
            <Timeline.Item key={`${one.at}-${i}`} title={<Text size="sm">{heading(one.kind)}</Text>}>
              <Text size="sm" style={{ overflowWrap: "anywhere" }}>
                {one.words}
              </Text>
              <Text size="xs" c="dimmed" title={moment(one.at)}>
                {ago(one.at)}
              </Text>
            </Timeline.Item>
          ))}
        </Timeline>
      )}
    </section>
  );
}
