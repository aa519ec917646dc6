import { Button, Checkbox, Group, Paper, Select, Stack, Text, TextInput, Title } from "@mantine/core";
import { useMutation, useQuery } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { api, body } from "../../../api/client";
import { useProjects } from "../../../parts/project-picker";
import { Failure } from "../../../parts/states";

type Kind = "inventory" | "quarterly" | "compliance";

const SAYS: Record<Kind, string> = {
  compliance: "House rules as checks, each with its evidence: PASS, FAIL or NOT ASSESSED.",
  inventory: "Every registered version: stage, owner, tier, validation, complexity, open incidents.",
  quarterly: "What each model did out of sample in a quarter, against what its validation promised.",
};

/** Chooses a report and makes it. */
export function MakeReport({ onStart }: { onStart: (task: string) => void }) {
  const projects = useProjects();
  const models = useQuery({
    queryKey: ["compliance", "models"],
    queryFn: () => body(api.GET("/api/compliance/models")),
  });
  const [kind, setKind] = useState<Kind>("compliance");
  const [quarter, setQuarter] = useState("");
  const [project, setProject] = useState<string | null>(null);
  const [model, setModel] = useState<string | null>(null);
  const [pdf, setPdf] = useState(false);
  const make = useMutation({
    mutationFn: () =>
      body(
        api.POST("/api/compliance/reports", {
          body: {
            kind,
            pdf,
            quarter: kind === "quarterly" && quarter.trim() ? quarter.trim() : null,
            project: kind === "quarterly" ? project : null,
            model: kind === "quarterly" && project ? model : null,
          },
        }),
      ),
    onSuccess: (task) => onStart(task.id),
  });

  function submit(event: FormEvent) {
    event.preventDefault();
    make.mutate();
  }

  return (
    <Paper withBorder p="md" component="form" onSubmit={submit} aria-label="Make a report">
      <Stack gap="sm">
        <Title order={2} size="h4">
          Make one
        </Title>
        <Group align="flex-end" gap="sm">
          <Select
            label="Report"
            size="xs"
            w={180}
            allowDeselect={false}
            data={[
              { value: "compliance", label: "Compliance status" },
              { value: "inventory", label: "Model inventory" },
              { value: "quarterly", label: "Quarterly performance" },
            ]}
            value={kind}
            onChange={(to) => setKind(to as Kind)}
          />
          {kind === "quarterly" && (
            <>
              <TextInput
                label="Quarter"
                placeholder="the last whole one"
                description="such as 2026Q3"
                size="xs"
                w={150}
                value={quarter}
                onChange={(event) => setQuarter(event.currentTarget.value)}
              />
              <Select
                label="Bars of the project"
                description="they must reach past the quarter"
                size="xs"
                w={200}
                clearable
                placeholder="none"
                data={(projects.data ?? []).map((one) => ({ value: one.name, label: one.title }))}
                value={project}
                onChange={setProject}
              />
              <Select
                label="Its forecasts are those of"
                description="else those in the audit log count"
                size="xs"
                w={200}
                clearable
                placeholder="audit log"
                disabled={!project}
                data={(models.data?.rows ?? []).map((row) => row.reference)}
                value={model}
                onChange={setModel}
              />
            </>
          )}
          <Checkbox
            size="xs"
            pb={6}
            label="PDF too"
            checked={pdf}
            onChange={(event) => setPdf(event.currentTarget.checked)}
          />
          <Button type="submit" size="xs" loading={make.isPending}>
            Make
          </Button>
        </Group>
        <Text size="sm" c="dimmed">
          {SAYS[kind]}
        </Text>
        {make.error && <Failure error={make.error} />}
      </Stack>
    </Paper>
  );
}
