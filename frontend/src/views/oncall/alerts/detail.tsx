import { Anchor, Group, Stack, Text, Timeline, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "react-router";
import { api, body, type Shapes } from "../../../api/client";
import { DataTable } from "../../../parts/data-table";
import { ago, moment, number } from "../../../parts/format";
import { useLive } from "../../../parts/live";
import { Loaded } from "../../../parts/states";
import { heading, titled, words } from "../kinds";
import { RunbookButton } from "../runbook-drawer";
import { SeverityBadge, StandingBadge } from "../severity";
import { Acts } from "./acts";

type Detail = Shapes["OncallIncidentDetail"];
type OneAlert = Shapes["OncallAlert"];

/** One incident: what it is, what to do, what it explains, and what happened. */
export function IncidentDetail({ id, longest }: { id: string; longest: number }) {
  const query = useQuery({
    queryKey: ["oncall", "alerts", id],
    queryFn: () => body(api.GET("/api/oncall/alerts/{incident}", { params: { path: { incident: id } } })),
  });
  useLive(["alerts"], [["oncall", "alerts"]]);
  return (
    <Loaded query={query} height={320}>
      {(detail) => <Shown detail={detail} longest={longest} />}
    </Loaded>
  );
}

function Shown({ detail, longest }: { detail: Detail; longest: number }) {
  const { incident, members, explained, timeline } = detail;
  return (
    <Stack gap="md">
      <div>
        <Group gap="xs" mb={4}>
          <SeverityBadge severity={incident.severity} />
          <StandingBadge standing={incident.standing} />
          <RunbookButton section={incident.runbook} />
        </Group>
        <Title order={2} size="h4" style={{ overflowWrap: "anywhere" }}>
          {titled(incident.title)}
        </Title>
        <Text size="sm" c="dimmed">
          {heading(incident.area)} · incident {incident.id} · opened {moment(incident.opened_at)} · grouped by{" "}
          {words(incident.grouped_by)}
        </Text>
        <Text size="sm">
          {incident.told.length > 0
            ? `Told: ${incident.told.join(", ")}.`
            : "Nobody was told: it is silenced, held back, or too young."}{" "}
          {incident.acknowledged_by &&
            `${incident.acknowledged_by} looks at it since ${moment(incident.acknowledged_at)}${incident.note ? `: ${incident.note}` : "."}`}
        </Text>
      </div>
      <Acts detail={detail} longest={longest} />
      <Text size="sm">
        <Anchor component={Link} to={diagnosisOf(incident)} size="sm">
          Diagnose the days up to it
        </Anchor>
      </Text>
      <section aria-labelledby="members">
        <Title order={3} size="h5" id="members" mb={4}>
          Alerts in it
        </Title>
        <AlertTable label="Alerts in this incident" alerts={members} />
      </section>
      {explained.length > 0 && (
        <section aria-labelledby="explained">
          <Title order={3} size="h5" id="explained" mb={4}>
            Held back, since these explain them
          </Title>
          <AlertTable label="Alerts that are held back" alerts={explained} />
        </section>
      )}
      <section aria-labelledby="timeline">
        <Title order={3} size="h5" id="timeline" mb="xs">
          What happened
        </Title>
        <Timeline bulletSize={14} lineWidth={2} active={timeline.length} color="gray">
          {timeline.map((entry, i) => (
            <Timeline.Item key={`${entry.at}-${i}`} title={<Text size="sm">{entry.text}</Text>}>
              <Text size="xs" c="dimmed">
                {moment(entry.at)} · {entry.what}
                {entry.severity && ` · ${entry.severity}`}
                {typeof entry.statistic === "number" &&
                  ` · ${number(entry.statistic, 3)}${typeof entry.threshold === "number" ? ` against ${number(entry.threshold, 3)}` : ""}`}
              </Text>
            </Timeline.Item>
          ))}
        </Timeline>
      </section>
    </Stack>
  );
}

/** The newest sessions, where it is open still; else those up to its end. */
function diagnosisOf(incident: Shapes["OncallIncident"]): string {
  return incident.resolved_at
    ? `/oncall/diagnosis?end=${incident.resolved_at.slice(0, 10)}`
    : "/oncall/diagnosis";
}

function AlertTable({ label, alerts }: { label: string; alerts: readonly OneAlert[] }) {
  return (
    <DataTable
      label={label}
      rows={alerts}
      rowKey={(row) => row.fingerprint}
      columns={[
        {
          key: "kind",
          title: "What",
          render: (row) => (
            <>
              <Text size="sm" fw={550}>
                {titled(`${row.kind}: ${row.about}`)}
              </Text>
              <Text size="xs" c="dimmed">
                {row.message}
              </Text>
              {(row.explained_by || row.silenced_by) && (
                <Text size="xs">
                  {row.explained_by ? `Held back: ${titled(row.explained_by)} explains it.` : "Silenced."}
                </Text>
              )}
            </>
          ),
        },
        {
          key: "severity",
          title: "Severity",
          sort: (row) => ["info", "warning", "error", "critical"].indexOf(row.severity),
          render: (row) => <SeverityBadge severity={row.severity} />,
        },
        { key: "count", title: "Seen", numeric: true, render: (row) => `${row.count} ×` },
        {
          key: "last_seen",
          title: "Last",
          render: (row) => <span title={moment(row.last_seen)}>{ago(row.last_seen)}</span>,
        },
      ]}
    />
  );
}
