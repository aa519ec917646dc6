import { Anchor, Button, Group, Paper, SegmentedControl, Stack, Text, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Link } from "react-router";
import { api, body, type Shapes } from "../../../api/client";
import { DataTable } from "../../../parts/data-table";
import { saveCsv } from "../../../parts/export";
import { ago, day } from "../../../parts/format";
import { useLive } from "../../../parts/live";
import { Loaded } from "../../../parts/states";
import { SubNav } from "../../../parts/sub-nav";
import { useUrlState } from "../../../parts/url-state";
import { ViewPage } from "../../../parts/view-page";
import { COMPLIANCE_TABS } from "../tabs";
import { Mark, Notice, stageTone } from "../tone";
import { DecisionForm } from "./decide";
import { chosen, type Which } from "./queue";
import { ACTS } from "./words";

type Queue = Shapes["Approvals"];
type Waiting = Shapes["WaitingVersion"];
type Act = Shapes["PossibleAct"];

/** What waits for whom, and the decisions that can be made. */
export default function Approvals() {
  const [which, setWhich] = useUrlState("which", "waiting");
  const [model, setModel] = useUrlState("model");
  const [open, setOpen] = useState<{ version: Waiting; act: Act } | null>(null);
  const query = useQuery({
    queryKey: ["compliance", "approvals"],
    queryFn: () => body(api.GET("/api/compliance/approvals")),
  });
  useLive(["models", "compliance"], [["compliance", "approvals"]]);

  return (
    <ViewPage
      title="Approvals"
      lead="From draft to champion, each step by another person, signed and kept for good. The registry enforces the rules; this page explains them."
      exports={[
        {
          label: "Queue as CSV",
          onExport: () =>
            saveCsv(
              "approvals.csv",
              (query.data?.waiting ?? []).flatMap((one) =>
                one.acts.map((act) => ({
                  version: one.reference,
                  stage: one.stage,
                  since: one.since,
                  act: act.act,
                  people: act.people.join(" "),
                  lacks: act.lacks.join("; "),
                })),
              ),
              ["version", "stage", "since", "act", "people", "lacks"],
            ),
        },
      ]}
    >
      <SubNav items={COMPLIANCE_TABS} />
      <Loaded query={query} height={320}>
        {(queue) => {
          const rows = chosen(queue.waiting, which as Which, model);
          return (
            <Stack gap="md">
              <Signs queue={queue} />
              <Group gap="sm">
                <SegmentedControl
                  aria-label="Which versions"
                  size="xs"
                  value={which}
                  onChange={setWhich}
                  data={[
                    { value: "mine", label: "For me" },
                    { value: "waiting", label: "On their way" },
                    { value: "all", label: "All" },
                  ]}
                />
                {model && (
                  <Button size="xs" variant="subtle" onClick={() => setModel("")}>
                    Only {model}: show all
                  </Button>
                )}
              </Group>
              {rows.length === 0 && (
                <Text c="dimmed">
                  {which === "mine" ? "Nothing waits for you." : "Nothing waits for a decision."}
                </Text>
              )}
              {rows.map((one) => (
                <Card key={one.reference} version={one} onDecide={(act) => setOpen({ version: one, act })} />
              ))}
              <People queue={queue} />
              <Rules rules={queue.rules} />
            </Stack>
          );
        }}
      </Loaded>
      <DecisionForm
        open={open}
        signsAs={query.data?.signs_as ?? ""}
        onClose={() => setOpen(null)}
        onStale={() => query.refetch()}
      />
    </ViewPage>
  );
}

function Signs({ queue }: { queue: Queue }) {
  if (queue.can_sign)
    return (
      <Text size="sm">
        You sign as <b>{queue.signs_as}</b>, with the key in {queue.keys}.
      </Text>
    );
  return (
    <Notice color="yellow" variant="light" title="You cannot sign decisions">
      {queue.why_not}.
    </Notice>
  );
}

function Card({ version, onDecide }: { version: Waiting; onDecide: (act: Act) => void }) {
  const onward = version.acts.find((act) => act.onward);
  return (
    <Paper withBorder p="md" component="section" aria-label={version.reference}>
      <Stack gap="sm">
        <Group gap="sm" justify="space-between">
          <Group gap="sm">
            <Title order={2} size="h4">
              <Anchor
                component={Link}
                to={`/compliance/models/${version.name}/${version.version}`}
                inherit
                c="inherit"
                underline="always"
              >
                {version.reference}
              </Anchor>
            </Title>
            <Mark tone={stageTone(version.stage)}>{version.stage}</Mark>
            <Text size="sm" c="dimmed">
              since {ago(version.since)}
            </Text>
          </Group>
        </Group>
        <Text size="sm" style={{ overflowWrap: "anywhere" }}>
          Last: {version.last.words} by {version.last.by} ({version.last.role}): “{version.last.reason}”
        </Text>
        {onward && <Next act={onward} />}
        <Group gap="xs">
          {version.acts.map((act) => (
            <ActButton key={act.act} act={act} reference={version.reference} onDecide={onDecide} />
          ))}
        </Group>
        <Reasons acts={version.acts} />
      </Stack>
    </Paper>
  );
}

function Next({ act }: { act: Act }) {
  const who =
    act.people.length > 0 ? act.people.join(", ") : `nobody with the role ${act.roles.join(" or ")}`;
  return (
    <Stack gap={2}>
      <Text size="sm">
        Next: <b>{ACTS[act.act].next}</b>, by {who}. {act.rule}
      </Text>
      {Object.entries(act.barred).map(([name, part]) => (
        <Text key={name} size="sm">
          Not by {name}, who is its {part}: another pair of eyes is needed.
        </Text>
      ))}
      {act.lacks.map((text) => (
        <Text key={text} size="sm">
          <Mark tone="bad">lacks</Mark> {text}
        </Text>
      ))}
    </Stack>
  );
}

function ActButton(props: { act: Act; reference: string; onDecide: (act: Act) => void }) {
  const { act, reference, onDecide } = props;
  const words = ACTS[act.act];
  return (
    <Button
      size="xs"
      variant={act.mine && act.onward ? "filled" : "default"}
      color={words.harsh && act.mine ? "red" : undefined}
      disabled={!act.mine}
      aria-label={`${words.button} ${reference}`}
      onClick={() => onDecide(act)}
    >
      {words.button}
    </Button>
  );
}

/** Why buttons are grey: one line for each cause. */
function Reasons({ acts }: { acts: readonly Act[] }) {
  const grey = acts.filter((act) => !act.mine);
  const causes = [...new Set(grey.map((act) => act.why_not))];
  return (
    <Stack gap={0}>
      {causes.map((cause) => (
        <Text key={cause} size="xs" c="dimmed">
          {grey
            .filter((act) => act.why_not === cause)
            .map((act) => ACTS[act.act].button)
            .join(", ")}
          : {cause}.
        </Text>
      ))}
    </Stack>
  );
}

function People({ queue }: { queue: Queue }) {
  return (
    <Stack gap="xs" component="section">
      <Title order={2} size="h4">
        Who may decide
      </Title>
      <DataTable
        label="People and their roles"
        rows={queue.people}
        rowKey={(one) => one.name}
        columns={[
          { key: "name", title: "Person" },
          { key: "roles", title: "Roles", render: (one) => one.roles.join(", ") },
          { key: "since", title: "Since", render: (one) => day(one.since) },
          { key: "enrolled_by", title: "Enrolled by" },
          {
            key: "key_here",
            title: "Key on this machine",
            render: (one) =>
              one.key_here ? <Mark tone="good">yes</Mark> : <Mark tone="soft">no: signs elsewhere</Mark>,
          },
        ]}
        empty="Nobody is enrolled: tradewind models keygen --person NAME --roles admin"
      />
    </Stack>
  );
}

function Rules({ rules }: { rules: Queue["rules"] }) {
  return (
    <details>
      <summary>
        <Text component="span" fw={600}>
          The rules
        </Text>
      </summary>
      <DataTable
        label="Who may do what"
        rows={rules}
        rowKey={(rule) => `${rule.act} ${rule.from} ${rule.to}`}
        columns={["act", "from", "to", "who", "not", "needs", "meaning"].map((key) => ({
          key,
          title: key,
          sort: false,
        }))}
      />
    </details>
  );
}
