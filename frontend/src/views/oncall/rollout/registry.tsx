import { Alert, Button, Group, Modal, Select, Stack, Text, Textarea, TextInput, Title } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { api, body, Problem, type Shapes } from "../../../api/client";
import { DataTable } from "../../../parts/data-table";
import { Loaded } from "../../../parts/states";

type Model = Shapes["RegistryModel"];
type Act = "promote" | "fall back" | "resume";

/** What the registry serves, and the signed decisions that change it. */
export function RegistryActs() {
  const query = useQuery({
    queryKey: ["oncall", "registry"],
    queryFn: () => body(api.GET("/api/oncall/rollout/registry")),
    staleTime: 60_000,
  });
  const [act, setAct] = useState<{ name: Act; model: Model } | null>(null);
  return (
    <section aria-labelledby="registry">
      <Title order={2} size="h4" id="registry" mb="xs">
        Promote or take back
      </Title>
      <Loaded query={query} height={120}>
        {(registry) => (
          <Stack gap="xs">
            <Text size="sm">{registry.how}</Text>
            <DataTable
              label="Models of the registry"
              rows={registry.models}
              rowKey={(row) => row.name}
              empty="The registry holds no model."
              columns={[
                { key: "name", title: "Model" },
                { key: "champion", title: "Champion", numeric: true },
                { key: "challenger", title: "Challenger", numeric: true },
                {
                  key: "versions",
                  title: "Versions",
                  sort: false,
                  render: (row) => row.versions.map((one) => `${one.version} ${one.stage}`).join(", "),
                },
                { key: "order", title: "Order in force", render: (row) => row.order ?? "none" },
                {
                  key: "acts",
                  title: "Decide",
                  sort: false,
                  render: (row) => (
                    <Group gap={4} wrap="nowrap">
                      {(["promote", "fall back", ...(row.order ? ["resume"] : [])] as Act[]).map((name) => (
                        <Button
                          key={name}
                          size="compact-xs"
                          variant="default"
                          disabled={!registry.can_sign}
                          onClick={() => setAct({ name, model: row })}
                        >
                          {name}…
                        </Button>
                      ))}
                    </Group>
                  ),
                },
              ]}
            />
          </Stack>
        )}
      </Loaded>
      {act && <Decide act={act.name} model={act.model} done={() => setAct(null)} />}
    </section>
  );
}

const SAYS: Record<Act, string> = {
  promote:
    "An approved version becomes champion, and the old champion approved again. Servers follow within seconds.",
  "fall back":
    "Something simpler is served until somebody resumes: previous, a version's number, a baseline, or none.",
  resume: "The champion is served again.",
};

function Decide({ act, model, done }: { act: Act; model: Model; done: () => void }) {
  const client = useQueryClient();
  const approved = model.versions.filter((one) => one.stage === "approved").map((one) => String(one.version));
  const [version, setVersion] = useState(approved[0] ?? null);
  const [to, setTo] = useState("previous");
  const [reason, setReason] = useState("");
  const decide = useMutation({
    mutationFn: () => {
      const name = model.name;
      if (act === "promote")
        return body(
          api.POST("/api/oncall/rollout/promote", { body: { name, version: Number(version), reason } }),
        );
      if (act === "fall back")
        return body(api.POST("/api/oncall/rollout/fall-back", { body: { name, to, reason } }));
      return body(api.POST("/api/oncall/rollout/resume", { body: { name, reason } }));
    },
    onSuccess: (made) => {
      notifications.show({ color: "teal", message: `${made.words}. Signed by ${made.by} as ${made.role}.` });
      void client.invalidateQueries({ queryKey: ["oncall", "registry"] });
      done();
    },
  });
  return (
    <Modal opened onClose={done} title={`${model.name}: ${act}`}>
      <form
        onSubmit={(event: FormEvent) => {
          event.preventDefault();
          decide.mutate();
        }}
      >
        <Stack gap="sm">
          <Text size="sm">{SAYS[act]}</Text>
          {act === "promote" && (
            <Select
              label="Approved version"
              required
              data={approved}
              value={version}
              onChange={setVersion}
              placeholder={approved.length ? undefined : "none is approved"}
            />
          )}
          {act === "fall back" && (
            <TextInput
              label="To"
              required
              value={to}
              onChange={(event) => setTo(event.currentTarget.value)}
            />
          )}
          <Textarea
            label="Why"
            description="It is signed and kept for good."
            required
            value={reason}
            onChange={(event) => setReason(event.currentTarget.value)}
          />
          {decide.error && (
            <Alert
              color="red"
              role="alert"
              title={decide.error instanceof Problem ? decide.error.shape.title : "It failed"}
            >
              {decide.error.message}
              {decide.error instanceof Problem && decide.error.shape.fix && ` ${decide.error.shape.fix}`}
            </Alert>
          )}
          <Button type="submit" loading={decide.isPending} disabled={act === "promote" && !version}>
            Sign and decide
          </Button>
        </Stack>
      </form>
    </Modal>
  );
}
