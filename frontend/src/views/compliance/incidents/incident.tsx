import { Anchor, Button, Group, List, Stack, Table, Text, Timeline, Title } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Link, useParams } from "react-router";
import { api, body, type Shapes } from "../../../api/client";
import { saveBlob, saveJson } from "../../../parts/export";
import { ago, count, day, moment, money } from "../../../parts/format";
import { useLive } from "../../../parts/live";
import { Stat, Stats } from "../../../parts/stat";
import { Failure, Loaded } from "../../../parts/states";
import { SubNav } from "../../../parts/sub-nav";
import { ViewPage } from "../../../parts/view-page";
import { COMPLIANCE_TABS } from "../tabs";
import { Mark } from "../tone";
import { type Change, ChangeForm } from "./change";
import { severityTone, statusTone } from "./words";

type Filed = Shapes["FiledIncident"];
type Shape = Shapes["IncidentShape"];

/** One incident: what happened when, what it cost, what is to be done; close it with its cause. */
export default function Incident() {
  const { reference = "" } = useParams();
  const query = useQuery({
    queryKey: ["compliance", "incidents", reference],
    queryFn: () =>
      body(api.GET("/api/compliance/incidents/{reference}", { params: { path: { reference } } })),
  });
  useLive(["compliance"], [["compliance", "incidents", reference]]);

  async function saveReport() {
    const { data } = await api.GET("/api/compliance/incidents/{reference}/report.html", {
      params: { path: { reference } },
      parseAs: "blob",
    });
    saveBlob(`incident-${reference}.html`, data as unknown as Blob);
  }

  return (
    <ViewPage
      title={`Incident ${reference}`}
      lead={query.data?.incident?.title}
      exports={[
        { label: "Incident report as HTML", onExport: saveReport },
        { label: "Incident as JSON", onExport: () => saveJson(`${reference}.json`, query.data?.incident) },
      ]}
    >
      <SubNav items={COMPLIANCE_TABS} />
      <Loaded query={query} height={320}>
        {(filed) => (filed.incident ? <Shown filed={filed} incident={filed.incident} /> : null)}
      </Loaded>
    </ViewPage>
  );
}

function Shown({ filed, incident }: { filed: Filed; incident: Shape }) {
  const client = useQueryClient();
  const [change, setChange] = useState<Change | null>(null);
  const save = useMutation({
    mutationFn: (to: Shape) =>
      body(
        api.PUT("/api/compliance/incidents/{reference}", {
          params: { path: { reference: incident.reference } },
          body: { revision: filed.revision, incident: to },
        }),
      ),
    onSuccess: () => {
      setChange(null);
      void client.invalidateQueries({ queryKey: ["compliance"] });
    },
  });
  const closed = incident.status === "closed";
  const undone = incident.actions.some((action) => !action.done);

  return (
    <Stack gap="lg">
      <Stats cols={4}>
        <Stat
          label="Severity, state"
          value={
            <Group gap={6}>
              <Mark tone={severityTone(incident.severity)}>{incident.severity}</Mark>
              <Mark tone={statusTone(incident.status)}>{incident.status}</Mark>
            </Group>
          }
          hint={`led by ${incident.owner}`}
        />
        <Stat label="Started" value={ago(incident.started)} hint={moment(incident.started)} />
        <Stat label="Detected" value={ago(incident.detected)} hint={moment(incident.detected)} />
        <Stat
          label="Resolved"
          value={incident.resolved ? ago(incident.resolved) : "not yet"}
          hint={incident.resolved ? moment(incident.resolved) : undefined}
        />
      </Stats>
      <Text maw={760}>{incident.summary}</Text>
      <Text size="sm">
        Models:{" "}
        {incident.models.map((name, i) => (
          <span key={name}>
            {i > 0 && ", "}
            <Anchor component={Link} to={addressOf(name)} inherit>
              {name}
            </Anchor>
          </span>
        ))}
        {" · "}
        <Anchor component={Link} to={`/compliance/audit?text=${incident.reference}`} inherit>
          What the audit log tells of it
        </Anchor>
      </Text>
      <Group gap="xs">
        <Button size="xs" variant="default" onClick={() => setChange("note")}>
          Add to the timeline
        </Button>
        <Button size="xs" variant="default" onClick={() => setChange("action")}>
          Add an action
        </Button>
        {incident.status === "open" && (
          <Button
            size="xs"
            variant="default"
            loading={save.isPending}
            onClick={() => save.mutate({ ...incident, status: "contained" })}
          >
            It is contained
          </Button>
        )}
        {!closed && (
          <Button size="xs" disabled={undone} onClick={() => setChange("close")}>
            Close with its cause
          </Button>
        )}
        {!closed && undone && (
          <Text size="xs" c="dimmed">
            It can be closed when every action is done.
          </Text>
        )}
      </Group>
      {save.error && <Failure error={save.error} />}
      <TimelineOf incident={incident} />
      <Actions incident={incident} busy={save.isPending} onChange={(to) => save.mutate(to)} />
      <Facts incident={incident} />
      <ChangeForm
        change={change}
        incident={incident}
        busy={save.isPending}
        error={save.error}
        onClose={() => setChange(null)}
        onSave={(to) => save.mutate(to)}
      />
    </Stack>
  );
}

function addressOf(name: string): string {
  return name.includes("/") ? `/compliance/models/${name}` : `/compliance/models?q=${name}`;
}

function TimelineOf({ incident }: { incident: Shape }) {
  return (
    <Stack gap="sm" component="section">
      <Title order={2} size="h4">
        Timeline
      </Title>
      <Timeline bulletSize={14} lineWidth={2}>
        {incident.timeline.map((one) => (
          <Timeline.Item key={`${one.at} ${one.what}`}>
            <Text size="xs" c="dimmed">
              {moment(one.at)}
              {one.by && `, ${one.by}`}
            </Text>
            <Text size="sm" style={{ overflowWrap: "anywhere" }}>
              {one.what}{" "}
              {one.audit !== null && one.audit !== undefined && (
                <Anchor component={Link} to={`/compliance/audit/${one.audit}`} inherit>
                  audit row {count(one.audit)}
                </Anchor>
              )}
            </Text>
          </Timeline.Item>
        ))}
      </Timeline>
    </Stack>
  );
}

function Actions(props: { incident: Shape; busy: boolean; onChange: (to: Shape) => void }) {
  const { incident } = props;
  const today = new Date().toISOString().slice(0, 10);
  const finish = (at: number) =>
    props.onChange({
      ...incident,
      actions: incident.actions.map((action, i) => (i === at ? { ...action, done: today } : action)),
    });
  return (
    <Stack gap="sm" component="section">
      <Title order={2} size="h4">
        Actions
      </Title>
      <Table.ScrollContainer minWidth={480} type="native" role="region" aria-label="Actions" tabIndex={0}>
        <Table>
          <Table.Thead>
            <Table.Tr>
              <Table.Th scope="col">Action</Table.Th>
              <Table.Th scope="col">By</Table.Th>
              <Table.Th scope="col">Until</Table.Th>
              <Table.Th scope="col">State</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {incident.actions.map((action, i) => (
              <Table.Tr key={action.what}>
                <Table.Td>{action.what}</Table.Td>
                <Table.Td>{action.owner}</Table.Td>
                <Table.Td>{day(action.due)}</Table.Td>
                <Table.Td>
                  {action.done ? (
                    <Mark tone="good">{`done ${day(action.done)}`}</Mark>
                  ) : (
                    <Group gap="xs" wrap="nowrap">
                      <Mark tone={action.due < today ? "bad" : "warn"}>
                        {action.due < today ? "overdue" : "open"}
                      </Mark>
                      <Button
                        size="compact-xs"
                        variant="default"
                        disabled={props.busy}
                        aria-label={`Done: ${action.what}`}
                        onClick={() => finish(i)}
                      >
                        Done
                      </Button>
                    </Group>
                  )}
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
    </Stack>
  );
}

function Facts({ incident }: { incident: Shape }) {
  const { impact } = incident;
  return (
    <Stack gap="sm" component="section">
      <Title order={2} size="h4">
        Cause and impact
      </Title>
      <Text maw={760}>{incident.cause}</Text>
      <Text maw={760}>{impact.words}</Text>
      <Text size="sm" c="dimmed">
        Forecasts concerned: {count(impact.forecasts)}. Loss: {money(impact.loss, impact.currency)}.
      </Text>
      {incident.lessons && incident.lessons.length > 0 && (
        <>
          <Text fw={600}>Lessons</Text>
          <List>
            {incident.lessons.map((text) => (
              <List.Item key={text}>{text}</List.Item>
            ))}
          </List>
        </>
      )}
    </Stack>
  );
}
