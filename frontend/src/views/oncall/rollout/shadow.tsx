import { Button, Modal, Stack, Text, Textarea, Title } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { api, body, type Shapes } from "../../../api/client";
import { DataTable } from "../../../parts/data-table";
import { count, day, percent } from "../../../parts/format";
import { Loaded } from "../../../parts/states";

type Case = Shapes["ShadowCase"];

/** Forecasts that the simpler model beside the champion does not share, for a person to look at. */
export function Shadow() {
  const query = useQuery({
    queryKey: ["oncall", "rollout", "shadow"],
    queryFn: () => body(api.GET("/api/oncall/rollout/shadow")),
  });
  const [closing, setClosing] = useState<Case | null>(null);
  return (
    <section aria-labelledby="shadow">
      <Title order={2} size="h4" id="shadow" mb="xs">
        Beside the champion
      </Title>
      <Loaded query={query} height={120}>
        {(shadow) => (
          <Stack gap="xs">
            <Text size="sm">
              {shadow.agreement === null
                ? "How often the two agree is known from a running server's metrics; none answers."
                : `They agreed on ${percent(shadow.agreement)} of ${count(shadow.predictions)} forecasts since the server started.`}{" "}
              {count(shadow.cases.length)} forecasts wait for a person, the farthest apart first.
            </Text>
            <DataTable
              label="Forecasts that the two do not share"
              rows={shadow.cases}
              rowKey={(row) => row.prediction}
              empty="No case waits."
              columns={[
                { key: "symbol", title: "Symbol" },
                {
                  key: "bar",
                  title: "Bar",
                  render: (row) => <span style={{ whiteSpace: "nowrap" }}>{day(row.bar)}</span>,
                },
                {
                  key: "champion_says",
                  title: "Champion",
                  numeric: true,
                  render: (row) => percent(row.champion_says),
                },
                {
                  key: "student_says",
                  title: "Beside it",
                  numeric: true,
                  render: (row) => percent(row.student_says),
                },
                { key: "cause", title: "Why it counts" },
                {
                  key: "close",
                  title: "Look",
                  sort: false,
                  render: (row) => (
                    <Button
                      size="compact-xs"
                      variant="default"
                      onClick={() => setClosing(row)}
                      aria-label={`Close the case of ${row.symbol}`}
                    >
                      Close…
                    </Button>
                  ),
                },
              ]}
            />
          </Stack>
        )}
      </Loaded>
      {closing && <CloseCase one={closing} done={() => setClosing(null)} />}
    </section>
  );
}

function CloseCase({ one, done }: { one: Case; done: () => void }) {
  const client = useQueryClient();
  const [note, setNote] = useState("");
  const close = useMutation({
    mutationFn: () =>
      api.POST("/api/oncall/rollout/shadow/{prediction}/close", {
        params: { path: { prediction: one.prediction } },
        body: { note },
      }),
    onSuccess: () => {
      void client.invalidateQueries({ queryKey: ["oncall", "rollout", "shadow"] });
      done();
    },
  });
  return (
    <Modal opened onClose={done} title={`Close the case of ${one.symbol}`}>
      <form
        onSubmit={(event: FormEvent) => {
          event.preventDefault();
          close.mutate();
        }}
      >
        <Stack gap="sm">
          <Textarea
            label="What was found"
            required
            data-autofocus
            value={note}
            onChange={(event) => setNote(event.currentTarget.value)}
          />
          {close.error && (
            <Text size="sm" role="alert">
              {close.error.message}
            </Text>
          )}
          <Button type="submit" loading={close.isPending}>
            Close it
          </Button>
        </Stack>
      </form>
    </Modal>
  );
}
