import { Anchor, Group, Stack, Text, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { api, body, type Shapes } from "../../../api/client";
import { DataTable } from "../../../parts/data-table";
import { saveCsv } from "../../../parts/export";
import { ago, moment } from "../../../parts/format";
import { useLive } from "../../../parts/live";
import { Loaded } from "../../../parts/states";
import { SubNav } from "../../../parts/sub-nav";
import { useUrlState } from "../../../parts/url-state";
import { ViewPage } from "../../../parts/view-page";
import { COMPLIANCE_TABS } from "../tabs";
import { TaskState } from "../task";
import { Mark, type MarkTone, Notice } from "../tone";
import { MakeReport } from "./make";
import { Schedule } from "./schedule";

type Made = Shapes["MadeReport"];

/** Governance reports: those that were made, making one, and what is due when. */
export default function Reports() {
  const [kind, setKind] = useUrlState("kind");
  const [task, setTask] = useState<string | null>(null);
  const query = useQuery({
    queryKey: ["compliance", "reports"],
    queryFn: () => body(api.GET("/api/compliance/reports")),
  });
  useLive(["compliance"], [["compliance", "reports"]]);
  return (
    <ViewPage
      title="Reports"
      lead="Inventory, quarterly performance and compliance status, made from the registry, the audit log and the incidents."
      exports={[
        {
          label: "List as CSV",
          onExport: () =>
            saveCsv("reports.csv", query.data?.made ?? [], ["name", "folder", "kind", "at", "status"]),
        },
      ]}
    >
      <SubNav items={COMPLIANCE_TABS} />
      <Loaded query={query} height={320}>
        {(found) => {
          const kinds = [...new Set(found.made.map((one) => one.kind))].sort();
          const rows = found.made.filter((one) => !kind || one.kind === kind);
          return (
            <Stack gap="lg">
              <MakeReport onStart={setTask} />
              <TaskState id={task} label="Report" />
              <Stack gap="xs" component="section">
                <Group justify="space-between" gap="xs">
                  <Title order={2} size="h4">
                    Made
                  </Title>
                  <Group gap={6}>
                    {kinds.map((one) => (
                      <Anchor
                        key={one}
                        component="button"
                        type="button"
                        size="sm"
                        fw={kind === one ? 700 : 400}
                        aria-pressed={kind === one}
                        onClick={() => setKind(kind === one ? "" : one)}
                      >
                        {one}
                      </Anchor>
                    ))}
                  </Group>
                </Group>
                <Made rows={rows} />
                <Text size="xs" c="dimmed" style={{ overflowWrap: "anywhere" }}>
                  Reports lie in {found.place}.
                </Text>
              </Stack>
              {found.schedule_problem && (
                <Notice color="red" variant="light" title="The schedule cannot be read" role="alert">
                  {found.schedule_problem}
                </Notice>
              )}
              <Schedule due={found.schedule} file={found.schedule_file} onStart={setTask} />
            </Stack>
          );
        }}
      </Loaded>
    </ViewPage>
  );
}

function Made({ rows }: { rows: readonly Made[] }) {
  return (
    <DataTable
      label="Reports that were made"
      rows={rows}
      rowKey={(row) => `${row.folder}/${row.name}`}
      columns={[
        { key: "name", title: "Report" },
        { key: "at", title: "Made", render: (row) => <span title={moment(row.at)}>{ago(row.at)}</span> },
        {
          key: "status",
          title: "Came to",
          render: (row) => (row.status ? <Mark tone={toneOf(row.status)}>{row.status}</Mark> : "–"),
        },
        { key: "by_hand", title: "How", render: (row) => (row.by_hand ? "by hand" : row.folder) },
        {
          key: "files",
          title: "Files",
          sort: false,
          render: (row) => (
            <Group gap={10}>
              {row.files.map((file) => (
                <Anchor
                  key={file.form}
                  size="sm"
                  href={`/api/compliance/reports/file/${file.path}${file.form === "html" || file.form === "pdf" ? "?inline=true" : ""}`}
                  target={file.form === "html" || file.form === "pdf" ? "_blank" : undefined}
                  rel="noreferrer"
                  aria-label={`${row.name} of ${moment(row.at)} as ${file.form}`}
                >
                  {file.form}
                </Anchor>
              ))}
            </Group>
          ),
        },
      ]}
      empty="No report was made yet."
    />
  );
}

function toneOf(status: string): MarkTone {
  if (/fail|below|overdue/i.test(status)) return "bad";
  return /^(pass|as expected|in order)/i.test(status) ? "good" : "warn";
}
