import { Alert, Button, Checkbox, Group, SimpleGrid, Stack, Text, TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { useNavigate } from "react-router";
import { api, body } from "../../api/client";
import { count, day } from "../../parts/format";
import { Failure } from "../../parts/states";
import { Section } from "../executive/section";
import { type Draft, titleOf } from "./words";

const QUICK = "quick";

/** What shall be done with the bars, with defaults that are safe. */
export function Wanted({ draft }: { draft: Draft }) {
  const go = useNavigate();
  const client = useQueryClient();
  const [title, setTitle] = useState(titleOf(draft.file));
  const [start, setStart] = useState(draft.spans?.test_start ?? "");
  const [models, setModels] = useState(draft.choices.filter((one) => one[QUICK]).map((one) => one.name));
  const make = useMutation({
    mutationFn: () =>
      body(
        api.POST("/api/projects", {
          body: { draft: draft.id, title: title.trim(), models, test_start: start || null },
        }),
      ),
    onSuccess: (made) => {
      void client.invalidateQueries({ queryKey: ["projects"] });
      client.setQueryData(["project", made.name], made);
      go(`/projects/${made.name}`, { replace: true });
    },
  });

  function submit(event: FormEvent) {
    event.preventDefault();
    make.mutate();
  }

  const { spans } = draft;
  return (
    <Section title="3. What shall be done">
      <form onSubmit={submit}>
        <Stack gap="md">
          <SimpleGrid cols={{ base: 1, sm: 2 }}>
            <TextInput
              label="Title of the project"
              value={title}
              required
              maxLength={80}
              onChange={(event) => setTitle(event.currentTarget.value)}
            />
            <TextInput
              type="date"
              label="Test from this day on"
              description="Everything before is learned from, everything after only forecast."
              value={start}
              onChange={(event) => setStart(event.currentTarget.value)}
            />
          </SimpleGrid>
          {draft.spans_problem && (
            <Alert color="red" role="alert" title="There is too little to learn from and test on">
              {draft.spans_problem.detail}
            </Alert>
          )}
          {spans && start === spans.test_start && (
            <Text size="sm" c="dimmed">
              That is the last quarter: {count(spans.train_days)} days to learn from (until{" "}
              {day(spans.train_end)}
              ), {count(spans.test_days)} to test on.
              {spans.few ? " Over so few days even real skill is hard to tell from chance." : ""}
            </Text>
          )}
          <Checkbox.Group
            label="Members of the model"
            description="Their forecasts are joined. The three that are ticked take a minute or two on a few symbols; nets take longer."
            value={models}
            onChange={setModels}
          >
            <SimpleGrid cols={{ base: 1, xs: 2, md: 3 }} mt="xs" spacing="xs">
              {draft.choices.map((one) => (
                <Checkbox key={one.name} value={one.name} label={one.name} description={one.words} />
              ))}
            </SimpleGrid>
          </Checkbox.Group>
          {make.error && <Failure error={make.error} />}
          <Group>
            <Button type="submit" loading={make.isPending} disabled={models.length === 0 || !title.trim()}>
              Make the project and start
            </Button>
          </Group>
        </Stack>
      </form>
    </Section>
  );
}
