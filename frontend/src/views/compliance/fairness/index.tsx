import { Button, Group, List, Select, Stack, Text, Title } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { api, body, type Shapes } from "../../../api/client";
import { saveCsv, saveJson } from "../../../parts/export";
import { count, day, moment } from "../../../parts/format";
import { useProject, useProjects } from "../../../parts/project-picker";
import { Failure, Loaded } from "../../../parts/states";
import { SubNav } from "../../../parts/sub-nav";
import { useUrlState } from "../../../parts/url-state";
import { ViewPage } from "../../../parts/view-page";
import { COMPLIANCE_TABS } from "../tabs";
import { TaskState, useTask } from "../task";
import { Notice } from "../tone";
import { Balance } from "./balance";
import { ParityView } from "./parity";
import { Periods } from "./periods";
import { KINDS } from "./words";

type Every = "month" | "quarter" | "year";

/** Are groups of symbols forecast alike, and what do the training data hold too much of? */
export default function Fairness() {
  const [project, picker] = useProject();
  const projects = useProjects();
  const name = project?.name ?? "";
  const query = useQuery({
    queryKey: ["compliance", "fairness", name],
    queryFn: () =>
      body(api.GET("/api/compliance/fairness/{project}", { params: { path: { project: name } } })),
    enabled: name !== "",
  });
  const rows = (query.data?.parity ?? []).flatMap((one) =>
    one.groups.map((group) => ({
      by: one.by,
      group: group.group,
      forecasts: group.n,
      rise: group.rise.value,
      rise_lower: group.rise.lower,
      rise_upper: group.rise.upper,
      hits_among_rises: group.true_positive.value,
      false_rises: group.false_positive.value,
      accuracy: group.accuracy.value,
      compared: !group.small,
    })),
  );
  return (
    <ViewPage
      title="Fairness"
      lead="Forecasts favour no sector, size or place when the share forecast to rise is alike among them. Symbols are not people: what is unfair here is a lean that nobody decided."
      actions={picker}
      exports={[
        {
          label: "Rates by group as CSV",
          onExport: () =>
            saveCsv(`fairness-${name}.csv`, rows, [
              "by",
              "group",
              "forecasts",
              "rise",
              "rise_lower",
              "rise_upper",
              "hits_among_rises",
              "false_rises",
              "accuracy",
              "compared",
            ]),
        },
        { label: "Everything as JSON", onExport: () => saveJson(`fairness-${name}.json`, query.data) },
      ]}
    >
      <SubNav items={COMPLIANCE_TABS} />
      {projects.data?.length === 0 && (
        <Notice color="gray" variant="light" title="There is no project yet">
          An analyst makes one from bars; its evaluation measures parity.
        </Notice>
      )}
      {projects.error && <Failure error={projects.error} retry={() => projects.refetch()} />}
      {name !== "" && (
        <Loaded query={query} height={320}>
          {(page) => <Shown page={page} />}
        </Loaded>
      )}
    </ViewPage>
  );
}

function Shown({ page }: { page: Shapes["FairnessPage"] }) {
  const [wanted, setBy] = useUrlState("by");
  const by = wanted || firstCompared(page) || "sector";
  const parity = page.parity.find((one) => one.by === by);
  const kind = page.measured?.kinds.find((one) => one.by === by);
  const whole = kind?.whole ?? parity;
  const balance = page.balance?.balances.find((one) => one.by === by);
  return (
    <Stack gap="lg">
      <Group align="flex-end" gap="sm">
        <Select
          label="Groups by"
          size="xs"
          w={200}
          allowDeselect={false}
          data={Object.entries(KINDS).map(([value, label]) => ({ value, label }))}
          value={by}
          onChange={(to) => setBy(to ?? "")}
        />
      </Group>
      <Measure page={page} />
      {whole && <ParityView parity={whole} line={page.line} broken={kind?.broken} />}
      {!whole && by !== "year" && by !== "volatility_regime" && (
        <Text c="dimmed">
          The evaluation did not measure parity by {KINDS[by] ?? by}. Measure it over time.
        </Text>
      )}
      {kind && page.measured && <Periods kind={kind} line={page.line} every={page.measured.every} />}
      {page.balance && (
        <Stack gap="sm" component="section">
          <Title order={2} size="h4">
            The training data
          </Title>
          <Text size="sm">
            {count(page.balance.rows)} labelled rows of {count(page.balance.symbols)} symbols,{" "}
            {day(page.balance.first)} to {day(page.balance.last)}. What they hold too much of, a model learns
            too much of.
          </Text>
          {page.balance.findings.length > 0 ? (
            <List size="sm" maw={760}>
              {page.balance.findings.map((text) => (
                <List.Item key={text}>{text}.</List.Item>
              ))}
            </List>
          ) : (
            <Text size="sm">No group is over- or under-represented, and no column gives a group away.</Text>
          )}
          {balance && <Balance kind={balance} />}
        </Stack>
      )}
    </Stack>
  );
}

/** The first kind of groups of which two at least can be compared. */
function firstCompared(page: Shapes["FairnessPage"]): string | undefined {
  const all = [...(page.measured?.kinds.map((kind) => kind.whole) ?? []), ...page.parity];
  return (all.find((one) => one.groups.filter((group) => !group.small).length > 1) ?? all[0])?.by;
}

function Measure({ page }: { page: Shapes["FairnessPage"] }) {
  const client = useQueryClient();
  const [every, setEvery] = useState<Every>("quarter");
  const [task, setTask] = useState<string | null>(null);
  const start = useMutation({
    mutationFn: () =>
      body(
        api.POST("/api/compliance/fairness/{project}/measure", {
          params: { path: { project: page.project }, query: { every } },
        }),
      ),
    onSuccess: (made) => setTask(made.id),
  });
  const state = useTask(task).data?.state;
  useEffect(() => {
    if (state === "done")
      void client.invalidateQueries({ queryKey: ["compliance", "fairness", page.project] });
  }, [client, state, page.project]);
  return (
    <Stack gap="xs">
      <Group align="flex-end" gap="sm">
        <Select
          label="Over time by"
          size="xs"
          w={130}
          allowDeselect={false}
          data={["month", "quarter", "year"]}
          value={every}
          onChange={(to) => setEvery(to as Every)}
        />
        <Button
          size="xs"
          variant={page.measured_at && !page.stale ? "default" : "filled"}
          loading={start.isPending || state === "running"}
          onClick={() => start.mutate()}
        >
          {page.measured_at ? "Measure again" : "Measure over time, count the data"}
        </Button>
        <Text size="xs" c="dimmed" pb={6}>
          {page.measured_at
            ? `Measured ${moment(page.measured_at)}${page.stale ? "; the forecasts are newer than that" : ""}`
            : "Not measured over time yet; it takes some seconds to minutes."}
        </Text>
      </Group>
      {start.error && <Failure error={start.error} />}
      <TaskState id={task} label="Fairness" />
    </Stack>
  );
}
