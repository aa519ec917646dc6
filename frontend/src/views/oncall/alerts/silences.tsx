import { Button, Title } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { api, body, type Shapes } from "../../../api/client";
import { DataTable } from "../../../parts/data-table";
import { moment } from "../../../parts/format";

/** Silences, those that run first; one that runs can be ended. */
export function Silences({ alerts }: { alerts: Shapes["OncallAlerts"] }) {
  const client = useQueryClient();
  const end = useMutation({
    mutationFn: (id: string) =>
      body(api.DELETE("/api/oncall/silences/{silence_id}", { params: { path: { silence_id: id } } })),
    onSuccess: () => client.invalidateQueries({ queryKey: ["oncall", "alerts"] }),
    onError: (error) =>
      notifications.show({ color: "red", title: "The silence goes on", message: error.message }),
  });
  return (
    <section aria-labelledby="silences">
      <Title order={2} size="h4" id="silences" mb="xs">
        Silences
      </Title>
      <DataTable
        label="Silences"
        rows={alerts.silences}
        rowKey={(row) => row.id}
        empty="Nothing is silenced."
        columns={[
          {
            key: "match",
            title: "Matches",
            sort: false,
            render: (row) =>
              Object.entries(row.match)
                .map(([name, value]) => `${name}=${value}`)
                .join(", ") + (row.critical ? " (critical too)" : ""),
          },
          { key: "until", title: "Until", render: (row) => moment(row.until) },
          { key: "author", title: "By" },
          { key: "reason", title: "Why" },
          {
            key: "running",
            title: "Runs",
            render: (row) =>
              row.running ? (
                <Button
                  size="compact-xs"
                  variant="default"
                  loading={end.isPending && end.variables === row.id}
                  onClick={() => end.mutate(row.id)}
                >
                  End now
                </Button>
              ) : (
                "over"
              ),
          },
        ]}
      />
    </section>
  );
}
