import { Alert, Group, Paper, Progress, Select, SimpleGrid, Stack, Text, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { api, body, type Shapes } from "../../../api/client";
import { DataTable } from "../../../parts/data-table";
import { saveCsv, saveJson } from "../../../parts/export";
import { count, moment, number, percent, signed } from "../../../parts/format";
import { useLive } from "../../../parts/live";
import { Failure, Loaded } from "../../../parts/states";
import { useUrlState } from "../../../parts/url-state";
import { heading, words } from "../kinds";
import { OncallPage } from "../page";
import { Mark } from "../severity";
import { RegistryActs } from "./registry";
import { Shadow } from "./shadow";
import { StopButton } from "./stop";

type Rollout = Shapes["OncallRollout"];
type Arm = Shapes["RolloutArm"];

const STATUS: Record<string, string> = {
  running: "blue",
  promoted: "teal",
  rolled_back: "red",
  stopped: "gray",
};

export default function RolloutPage() {
  const [name, setName] = useUrlState("experiment");
  const query = useQuery({
    queryKey: ["oncall", "rollout", name],
    queryFn: () =>
      body(api.GET("/api/oncall/rollout", { params: { query: { experiment: name || undefined } } })),
    refetchInterval: 10_000,
  });
  useLive(["rollout", "models"], [["oncall", "rollout"]]);
  const data = query.data;
  return (
    <OncallPage
      title="Roll-out"
      lead="A new version beside the one that serves: who gets which, what the evidence says, and what may be decided. The p-values hold whenever one looks."
      exports={
        data && [
          { label: "Roll-out (JSON)", onExport: () => saveJson(`rollout-${data.experiment}.json`, data) },
          {
            label: "Decisions (CSV)",
            onExport: () =>
              saveCsv(`rollout-${data.experiment}.csv`, data.decisions, ["at", "kind", "model", "reason"]),
          },
        ]
      }
    >
      {query.error && !data ? (
        <Failure error={query.error} retry={() => query.refetch()} />
      ) : (
        <Loaded query={query} height={360}>
          {(rollout) => <Shown rollout={rollout} setName={setName} />}
        </Loaded>
      )}
      <Shadow />
      <RegistryActs />
    </OncallPage>
  );
}

function Shown({ rollout, setName }: { rollout: Rollout; setName: (name: string) => void }) {
  return (
    <Stack gap="md">
      <Group gap="sm" align="flex-end" justify="space-between">
        <Group gap="sm" align="flex-end">
          <Select
            label="Experiment"
            size="xs"
            w={220}
            allowDeselect={false}
            value={rollout.experiment}
            onChange={(value) => setName(value ?? "")}
            data={rollout.experiments}
          />
          <Mark color={STATUS[rollout.status] ?? "gray"}>{words(rollout.status)}</Mark>
        </Group>
        {rollout.status === "running" && <StopButton experiment={rollout.experiment} />}
      </Group>
      <Text size="sm">
        {heading(rollout.kind)}, begun {moment(rollout.began)}, changed {moment(rollout.changed)}; as of{" "}
        {moment(rollout.as_of)}. {rollout.reason && `Reason: ${rollout.reason}.`}{" "}
        {rollout.winner && `${rollout.winner} won.`}
      </Text>
      <Shares arms={rollout.arms} />
      {rollout.ramp.length > 0 && (
        <Text size="sm">
          Step {rollout.step + 1} of {rollout.ramp.length} of the ramp (
          {rollout.ramp.map((one) => percent(one, 0)).join(", ")}); each step needs {rollout.step_needs}, and
          no guardrail half way to a breach.
        </Text>
      )}
      <SimpleGrid cols={{ base: 1, md: 2 }} spacing="sm">
        {rollout.arms
          .filter((arm) => !arm.control)
          .map((arm) => (
            <ArmCard key={arm.arm} arm={arm} rollout={rollout} />
          ))}
      </SimpleGrid>
      <section aria-labelledby="decisions">
        <Title order={2} size="h4" id="decisions" mb="xs">
          What was done
        </Title>
        <DataTable
          label="What the experiment did"
          rows={rollout.decisions}
          rowKey={(row) => row.at + row.kind}
          empty="Nothing is written down yet."
          columns={[
            { key: "at", title: "When", render: (row) => moment(row.at) },
            { key: "kind", title: "What", render: (row) => heading(row.kind) },
            { key: "model", title: "Version" },
            { key: "reason", title: "Why", render: (row) => row.reason || "–" },
          ]}
        />
      </section>
    </Stack>
  );
}

function Shares({ arms }: { arms: readonly Arm[] }) {
  const colors = ["gray.6", "cyan.7", "violet.6", "orange.7"];
  return (
    <figure style={{ margin: 0 }}>
      <Progress.Root size={20} aria-hidden>
        {arms.map((arm, i) => (
          <Progress.Section key={arm.arm} value={arm.share * 100} color={colors[i % colors.length]} />
        ))}
      </Progress.Root>
      <Text component="figcaption" size="xs" mt={4}>
        Share of callers:{" "}
        {arms
          .map((arm) => `${arm.arm} ${percent(arm.share, 0)} (${arm.model}, ${count(arm.requests)} requests)`)
          .join("; ")}
      </Text>
    </figure>
  );
}

function ArmCard({ arm, rollout }: { arm: Arm; rollout: Rollout }) {
  const shown = arm.goal_p_value !== null && arm.goal_p_value < rollout.goal_alpha;
  return (
    <Paper withBorder p="md" component="section" aria-label={`Arm ${arm.arm}`}>
      <Group justify="space-between" mb="xs">
        <Title order={2} size="h5">
          {arm.arm}: {arm.model}
        </Title>
        {arm.out && <Mark color="red">taken back</Mark>}
      </Group>
      <Text size="sm">
        <b>Goal:</b> {rollout.goal}.{" "}
        {arm.days === null || arm.days === 0
          ? "No day with outcomes yet."
          : `Over ${arm.days} days its mean ${rollout.metric} differs by ${signed((arm.mean_difference ?? 0) * 100, 2)} points; p ${number(arm.goal_p_value, 4)}, ${shown ? "below" : "not below"} ${number(rollout.goal_alpha, 3)}: ${shown ? "the goal is shown" : "not shown yet"}.`}
      </Text>
      {(arm.days ?? 0) < rollout.minimum_days && (
        <Text size="sm">
          {rollout.minimum_days} days are needed before a promotion, {arm.days ?? 0} are in.
        </Text>
      )}
      <Text size="sm" mt="xs" fw={550}>
        Guardrails, each breached below p {number(rollout.guard_alpha, 4)}
      </Text>
      <DataTable
        label={`Guardrails of ${arm.arm}`}
        rows={arm.guards}
        rowKey={(row) => row.name}
        empty="None is on."
        columns={[
          {
            key: "name",
            title: "Must hold",
            render: (row) => (
              <>
                {heading(row.name)}
                <Text size="xs" c="dimmed">
                  {row.says}
                </Text>
              </>
            ),
          },
          { key: "p_value", title: "p", numeric: true, render: (row) => number(row.p_value, 4) },
          {
            key: "breached",
            title: "Is",
            render: (row) => (
              <Mark color={row.breached ? "red" : "teal"}>{row.breached ? "breached" : "holds"}</Mark>
            ),
          },
        ]}
      />
      {!rollout.promotes_itself && (
        <Alert color="gray" mt="sm" variant="light">
          This experiment only tells when the goal is shown; an operator promotes below.
        </Alert>
      )}
    </Paper>
  );
}
