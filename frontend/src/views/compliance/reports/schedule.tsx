import { Button, Code, Group, Stack, Text, Title } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { api, body, type Shapes } from "../../../api/client";
import { DataTable } from "../../../parts/data-table";
import { ago, moment } from "../../../parts/format";
import { Failure } from "../../../parts/states";
import { Mark } from "../tone";

/** What is due when, and a button that makes what is due. */
export function Schedule(props: {
  due: readonly Shapes["DueReport"][];
  file: string;
  onStart: (task: string) => void;
}) {
  const start = useMutation({
    mutationFn: () => body(api.POST("/api/compliance/reports/due")),
    onSuccess: (task) => props.onStart(task.id),
  });
  return (
    <Stack gap="xs" component="section">
      <Group justify="space-between" gap="xs">
        <Title order={2} size="h4">
          Schedule
        </Title>
        {props.due.length > 0 && (
          <Button size="xs" variant="default" loading={start.isPending} onClick={() => start.mutate()}>
            Make what is due
          </Button>
        )}
      </Group>
      {start.error && <Failure error={start.error} />}
      {props.due.length === 0 ? (
        <Text size="sm" c="dimmed" style={{ overflowWrap: "anywhere" }}>
          No schedule: write <Code>{props.file}</Code>, as <Code>tradewind report schedule --help</Code> says.
        </Text>
      ) : (
        <DataTable
          label="Reports that are due again and again"
          rows={props.due}
          rowKey={(row) => row.name}
          columns={[
            { key: "name", title: "Name" },
            { key: "kind", title: "Report" },
            { key: "every", title: "Every" },
            { key: "next", title: "Next due", render: (row) => moment(row.next) },
            { key: "last", title: "Last made", render: (row) => (row.last ? ago(row.last) : "never") },
            {
              key: "error",
              title: "Last run",
              render: (row) =>
                row.error ? (
                  <>
                    <Mark tone="bad">failed</Mark> {row.error}
                  </>
                ) : (
                  "no failure"
                ),
            },
          ]}
        />
      )}
      <Text size="xs" c="dimmed">
        Reports are made by themselves while <Code>tradewind report schedule --config FILE</Code> runs, or at
        each call with <Code>--once</Code>.
      </Text>
    </Stack>
  );
}
