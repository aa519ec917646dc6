import { Box, Drawer, Group, SegmentedControl, Select, Stack, Text, TextInput } from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import { api, body, type Shapes } from "../../../api/client";
import { DataTable } from "../../../parts/data-table";
import { saveCsv, saveJson } from "../../../parts/export";
import { ago, count, moment } from "../../../parts/format";
import { useLive } from "../../../parts/live";
import { Stat, Stats } from "../../../parts/stat";
import { Loaded } from "../../../parts/states";
import { useUrlState } from "../../../parts/url-state";
import { heading, titled, words } from "../kinds";
import { Notice } from "../notice";
import { OncallPage } from "../page";
import { SeverityBadge, StandingBadge } from "../severity";
import { IncidentDetail } from "./detail";
import { chosen, SHOWN } from "./filter";
import { Silences } from "./silences";

type Alerts = Shapes["OncallAlerts"];

const COLUMNS = [
  "id",
  "standing",
  "severity",
  "title",
  "area",
  "grouped_by",
  "opened_at",
  "resolved_at",
  "alerts",
  "explains",
  "acknowledged_by",
  "note",
] as const;
const FINDING = [
  "at",
  "known_at",
  "severity",
  "kind",
  "area",
  "about",
  "message",
  "statistic",
  "threshold",
] as const;

export default function AlertsPage() {
  const query = useQuery({
    queryKey: ["oncall", "alerts"],
    queryFn: () => body(api.GET("/api/oncall/alerts")),
    refetchInterval: 15_000, // the monitor writes beside the dashboard, which is not told
  });
  useLive(["alerts"], [["oncall", "alerts"]]);
  const data = query.data;
  return (
    <OncallPage
      title="Alerts"
      lead="What the monitor told people, as incidents: alerts that came together for one cause. Acknowledging, resolving and silencing are kept in the audit log under your name."
      exports={
        data && [
          { label: "Incidents (CSV)", onExport: () => saveCsv("incidents.csv", data.incidents, COLUMNS) },
          { label: "Incidents and silences (JSON)", onExport: () => saveJson("alerts.json", data) },
          {
            label: "Findings of 60 days (CSV)",
            onExport: async () => {
              const found = await body(
                api.GET("/api/oncall/findings", { params: { query: { limit: 5000 } } }),
              );
              saveCsv("findings.csv", found, FINDING);
            },
          },
        ]
      }
    >
      <Loaded query={query} height={420}>
        {(alerts) => <Shown alerts={alerts} />}
      </Loaded>
    </OncallPage>
  );
}

function Shown({ alerts }: { alerts: Alerts }) {
  const [shown, setShown] = useUrlState("show", "now");
  const [least, setLeast] = useUrlState("least", "info");
  const [sought, setSought] = useUrlState("q");
  const [open, setOpen] = useUrlState("incident");
  const narrow = useMediaQuery("(max-width: 48em)");
  const rows = chosen(alerts.incidents, shown, least, sought);
  const of = (...standings: string[]) => standings.reduce((n, name) => n + (alerts.standings[name] ?? 0), 0);
  const waiting = of("open", "escalated");
  return (
    <Stack gap="md">
      <Stats>
        <Stat
          label="Open, nobody looks at it"
          value={count(waiting)}
          tone={waiting > 0 ? "bad" : "good"}
          hint={waiting > 0 ? "Acknowledge the first." : "Nothing waits."}
        />
        <Stat
          label="Acknowledged"
          value={count(of("acknowledged"))}
          hint="Told again only if it gets worse."
        />
        <Stat
          label="Silenced or held back"
          value={count(of("silenced", "held back"))}
          hint="Kept, not told: silenced, or explained by another."
        />
        <Stat label="Resolved" value={count(of("resolved"))} hint="Kept for 90 days." />
      </Stats>
      {alerts.undelivered.length > 0 && (
        <Notice
          color="orange"
          title={`${alerts.undelivered.length} notifications are not delivered`}
          role="status"
        >
          {[...new Set(alerts.undelivered.map((one) => `${one.receiver} (${one.state})`))].join(", ")}. A
          running monitor delivers what waits; <code>tradewind alerts resend</code> tries again what was given
          up.
        </Notice>
      )}
      <Group gap="sm" align="flex-end">
        <Box maw="100%" style={{ overflowX: "auto" }}>
          <Text size="sm" fw={500} mb={2} id="alerts-show">
            Show
          </Text>
          <SegmentedControl
            size="xs"
            aria-labelledby="alerts-show"
            value={shown}
            onChange={setShown}
            data={SHOWN.map((value) => ({ value, label: value === "now" ? "not over" : value }))}
          />
        </Box>
        <Select
          label="At least"
          size="xs"
          w={120}
          allowDeselect={false}
          value={least}
          onChange={(value) => setLeast(value ?? "info")}
          data={["info", "warning", "error", "critical"]}
        />
        <TextInput
          label="Search"
          size="xs"
          w={200}
          value={sought}
          onChange={(event) => setSought(event.currentTarget.value)}
          placeholder="kind, feature, id"
        />
        <Text size="xs" c="dimmed" role="status">
          {count(rows.length)} of {count(alerts.incidents.length)} incidents
        </Text>
      </Group>
      <DataTable
        label="Incidents"
        rows={rows}
        rowKey={(row) => row.id}
        onRow={(row) => setOpen(row.id)}
        selected={open}
        empty={shown === "now" ? "Nothing is open." : "No incident stands so."}
        columns={[
          {
            key: "severity",
            title: "Severity",
            width: 110,
            sort: (row) => ["info", "warning", "error", "critical"].indexOf(row.severity),
            render: (row) => <SeverityBadge severity={row.severity} />,
          },
          {
            key: "title",
            title: "What",
            render: (row) => (
              <>
                <Text size="sm" fw={550} style={{ overflowWrap: "anywhere" }} miw={170}>
                  {titled(row.title)}
                </Text>
                <Text size="xs" c="dimmed">
                  {heading(row.area)}, grouped by {words(row.grouped_by)}
                </Text>
              </>
            ),
          },
          {
            key: "standing",
            title: "State",
            render: (row) => (
              <>
                <StandingBadge standing={row.standing} />
                {row.acknowledged_by && (
                  <Text size="xs" c="dimmed">
                    by {row.acknowledged_by}
                  </Text>
                )}
              </>
            ),
          },
          {
            key: "opened_at",
            title: "Opened",
            render: (row) => (
              <Text size="sm" title={moment(row.opened_at)} style={{ whiteSpace: "nowrap" }}>
                {ago(row.opened_at)}
              </Text>
            ),
          },
          { key: "alerts", title: "Alerts", numeric: true },
          { key: "explains", title: "Explains", numeric: true },
        ]}
      />
      <Silences alerts={alerts} />
      <Drawer
        opened={open !== ""}
        onClose={() => setOpen("")}
        position="right"
        size={narrow ? "100%" : "xl"}
        title="Incident"
        closeButtonProps={{ "aria-label": "Close the incident" }}
      >
        {open && <IncidentDetail id={open} longest={alerts.longest_silence_hours} />}
      </Drawer>
    </Stack>
  );
}
