import { Alert, Button, Code, Group, List, Stack, Text, Title } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { api, body } from "../../../api/client";
import { DataTable } from "../../../parts/data-table";
import { count, moment } from "../../../parts/format";
import { Failure } from "../../../parts/states";
import { precise, type SurveilCase } from "../words";

/** Everything that was done to the case, who signed it, and whether it is still as it was done. */
export function Trail({ data }: { data: SurveilCase }) {
  const verify = useMutation({ mutationFn: () => body(api.GET("/api/surveillance/verification")) });
  const found = verify.data;
  return (
    <Stack gap="lg">
      {data.notes.length > 0 && (
        <section>
          <Title order={2} size="h4" mb="xs">
            Notes
          </Title>
          <Stack gap="sm">
            {data.notes.map((note) => (
              <div key={note.at + note.by}>
                <Text size="xs" c="dimmed">
                  {note.by}, {moment(note.at)}
                </Text>
                <Text style={{ whiteSpace: "pre-wrap", overflowWrap: "anywhere" }}>{note.text}</Text>
              </div>
            ))}
          </Stack>
        </section>
      )}
      {data.attachments.length > 0 && (
        <section>
          <Title order={2} size="h4" mb="xs">
            Attached
          </Title>
          <List size="sm">
            {data.attachments.map((one) => (
              <List.Item key={one.sha256 + one.at}>
                {one.name}, {count(one.size)} bytes, by {one.by}; SHA-256{" "}
                <Code>{one.sha256.slice(0, 16)}</Code>
              </List.Item>
            ))}
          </List>
        </section>
      )}
      <section>
        <Group justify="space-between" mb="xs">
          <Title order={2} size="h4">
            What was done
          </Title>
          <Button size="xs" variant="default" loading={verify.isPending} onClick={() => verify.mutate()}>
            Verify all acts
          </Button>
        </Group>
        {verify.error && <Failure error={verify.error} />}
        {found && (
          <Alert
            variant="light"
            color={found.sound ? "cyan" : "red"}
            role="status"
            mb="sm"
            title={
              found.sound
                ? `All ${count(found.acts)} acts of the store are as they were done`
                : "Not as it was done"
            }
          >
            {found.sound ? (
              <Text size="sm">
                Every act was done again and held against the signatures, the cases and the alerts
                {found.audit_log
                  ? ", and against the audit log."
                  : ". There is no audit log to compare with."}
              </Text>
            ) : (
              <List size="sm">
                {found.faults.slice(0, 20).map((one) => (
                  <List.Item key={`${one.case}-${one.act}-${one.what}`}>
                    {[one.case, one.act && `act ${one.act}`].filter(Boolean).join(", ")}: {one.what}
                  </List.Item>
                ))}
              </List>
            )}
          </Alert>
        )}
        <DataTable
          label="What was done to the case"
          rows={data.acts}
          rowKey={(row) => String(row.n)}
          initialSort={{ key: "n", down: true }}
          columns={[
            { key: "n", title: "Act", numeric: true },
            {
              key: "at",
              title: "When (UTC)",
              render: (row) => <span style={{ whiteSpace: "nowrap" }}>{precise(row.at, 0)}</span>,
            },
            { key: "by", title: "Who", render: (row) => (row.role ? `${row.by} (${row.role})` : row.by) },
            { key: "what", title: "What" },
            {
              key: "why",
              title: "Why",
              sort: false,
              render: (row) => (
                <Text size="sm" miw={160}>
                  {row.why ?? "–"}
                </Text>
              ),
            },
            { key: "signed", title: "Signed", render: (row) => (row.signed ? "yes" : "by alerts") },
            {
              key: "hash",
              title: "Hash",
              sort: false,
              render: (row) => <Code>{row.hash.slice(0, 12)}</Code>,
            },
          ]}
        />
      </section>
    </Stack>
  );
}
