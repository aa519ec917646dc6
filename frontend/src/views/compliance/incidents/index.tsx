import { Anchor, Button, Group, Select, Stack, Text } from "@mantine/core";
import { IconPlus } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate } from "react-router";
import { api, body, type Shapes } from "../../../api/client";
import { DataTable } from "../../../parts/data-table";
import { saveCsv, saveJson } from "../../../parts/export";
import { ago } from "../../../parts/format";
import { useLive } from "../../../parts/live";
import { Loaded } from "../../../parts/states";
import { SubNav } from "../../../parts/sub-nav";
import { useUrlFlag, useUrlState } from "../../../parts/url-state";
import { ViewPage } from "../../../parts/view-page";
import { COMPLIANCE_TABS } from "../tabs";
import { Mark, Notice } from "../tone";
import { NewIncident } from "./new";
import { severityTone, statusTone } from "./words";

type Incident = Shapes["IncidentShape"];
interface Row extends Incident {
  overdue: number;
}

/** Incidents: what happened, whom it concerns, what is still to be done. */
export default function Incidents() {
  const navigate = useNavigate();
  const [status, setStatus] = useUrlState("status");
  const [model, setModel] = useUrlState("model");
  const [audit] = useUrlState("audit");
  const [adding, setAdding] = useUrlFlag("new");
  const query = useQuery({
    queryKey: ["compliance", "incidents"],
    queryFn: () => body(api.GET("/api/compliance/incidents")),
  });
  useLive(["compliance"], [["compliance", "incidents"]]);
  const rows: Row[] = (query.data?.incidents ?? [])
    .flatMap((one) => (one.incident ? [{ ...one.incident, overdue: one.overdue }] : []))
    .filter((one) => !status || one.status === status)
    .filter((one) => !model || one.models.some((name) => name === model || name.startsWith(`${model}/`)));
  const broken = (query.data?.incidents ?? []).filter((one) => !one.incident);

  return (
    <ViewPage
      title="Incidents"
      lead="What went wrong, whom it concerns, what was done. Each is a file that people can also edit; every change is told to the audit log."
      actions={
        <Button size="xs" leftSection={<IconPlus size={15} aria-hidden />} onClick={() => setAdding(true)}>
          Record one
        </Button>
      }
      exports={[
        {
          label: "List as CSV",
          onExport: () =>
            saveCsv("incidents.csv", rows, [
              "reference",
              "title",
              "severity",
              "status",
              "models",
              "owner",
              "started",
              "detected",
              "resolved",
              "cause",
              "overdue",
            ]),
        },
        { label: "Everything as JSON", onExport: () => saveJson("incidents.json", rows) },
      ]}
    >
      <SubNav items={COMPLIANCE_TABS} />
      <Loaded query={query} height={320}>
        {(found) => (
          <Stack gap="md">
            {broken.map((one) => (
              <Notice key={one.file} color="yellow" variant="light" title={`${one.file} is not finished`}>
                {one.problem}
              </Notice>
            ))}
            <Group gap="sm" align="flex-end">
              <Select
                label="State"
                size="xs"
                w={140}
                clearable
                placeholder="any"
                data={["open", "contained", "closed"]}
                value={status || null}
                onChange={(to) => setStatus(to ?? "")}
              />
              {model && (
                <Button size="xs" variant="subtle" onClick={() => setModel("")}>
                  Only {model}: show all
                </Button>
              )}
            </Group>
            <DataTable
              label="Incidents"
              rows={rows}
              rowKey={(row) => row.reference}
              onRow={(row) => navigate(`/compliance/incidents/${row.reference}`)}
              columns={[
                {
                  key: "reference",
                  title: "Incident",
                  render: (row) => (
                    <Anchor component={Link} to={`/compliance/incidents/${row.reference}`} size="sm">
                      {row.reference}
                    </Anchor>
                  ),
                },
                {
                  key: "title",
                  title: "What",
                  render: (row) => (
                    <Text size="sm" miw={180}>
                      {row.title}
                    </Text>
                  ),
                },
                {
                  key: "severity",
                  title: "Severity",
                  sort: (row) => ["low", "medium", "high", "critical"].indexOf(row.severity),
                  render: (row) => <Mark tone={severityTone(row.severity)}>{row.severity}</Mark>,
                },
                {
                  key: "status",
                  title: "State",
                  render: (row) => <Mark tone={statusTone(row.status)}>{row.status}</Mark>,
                },
                { key: "models", title: "Models", render: (row) => row.models.join(", ") },
                { key: "owner", title: "Owner" },
                { key: "started", title: "Started", render: (row) => ago(row.started) },
                {
                  key: "overdue",
                  title: "Overdue",
                  numeric: true,
                  render: (row) => (row.overdue > 0 ? <Mark tone="bad">{row.overdue}</Mark> : "0"),
                },
              ]}
              empty="No incident is recorded."
            />
            <Text size="xs" c="dimmed" style={{ overflowWrap: "anywhere" }}>
              Incident files lie in {found.place}.
            </Text>
            <NewIncident
              opened={adding}
              reference={found.next}
              audit={audit}
              onClose={() => setAdding(false)}
            />
          </Stack>
        )}
      </Loaded>
    </ViewPage>
  );
}
