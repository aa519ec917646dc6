import { Alert, Button, Group, Paper, Radio, Select, Stack, Text, Textarea, Title } from "@mantine/core";
import { useState } from "react";
import type { Shapes } from "../../../api/client";
import { Failure } from "../../../parts/states";
import type { OrderGiven, useAct } from "../api";
import { outcomeWords, type SurveilCase } from "../words";

type Doing = "take" | "assign" | "note" | "propose" | "confirm" | "reject";
const LABELS: Record<Doing, string> = {
  take: "Take up",
  assign: "Assign",
  note: "Note",
  propose: "Propose a decision",
  confirm: "Confirm and close",
  reject: "Send back",
};
const ORDER: Doing[] = ["take", "propose", "confirm", "reject", "note", "assign"];

/** What may be done now, and why something may not: a decision takes two people, and the store holds them to it. */
export function Decide({ data, act }: { data: SurveilCase; act: ReturnType<typeof useAct> }) {
  const [doing, setDoing] = useState<Doing | null>(null);
  const may = new Map(data.may.map((one) => [one.doing, one]));
  const give = (order: OrderGiven) => act.mutate(order, { onSuccess: () => setDoing(null) });
  const refused = ORDER.map((one) => may.get(one)).filter((one) => one && !one.allowed);
  return (
    <Paper withBorder p="md" component="section" aria-label="Decide">
      <Stack gap="sm">
        <Title order={2} size="h4">
          Decide
        </Title>
        {data.proposal && <Waiting data={data} />}
        {data.acting_problem ? (
          <Text size="sm">{data.acting_problem}</Text>
        ) : (
          <Group gap="xs">
            {ORDER.filter((one) => may.get(one)?.allowed).map((one, i) => (
              <Button
                key={one}
                size="xs"
                variant={i === 0 ? "filled" : "default"}
                aria-expanded={one === "take" ? undefined : doing === one}
                loading={act.isPending && one === "take" && doing === null}
                onClick={() =>
                  one === "take" ? give({ doing: "take" }) : setDoing(doing === one ? null : one)
                }
              >
                {LABELS[one]}
              </Button>
            ))}
          </Group>
        )}
        {doing && <Form key={doing} doing={doing} data={data} busy={act.isPending} give={give} />}
        {act.error && <Failure error={act.error} />}
        {!data.acting_problem && refused.length > 0 && (
          <details>
            <summary style={{ cursor: "pointer" }}>
              <Text component="span" size="sm">
                Why not {refused.map((one) => LABELS[one?.doing as Doing].toLowerCase()).join(", ")}?
              </Text>
            </summary>
            <Stack gap={4} mt={6}>
              {refused.map(
                (one) =>
                  one && (
                    <Text key={one.doing} size="sm">
                      <b>{LABELS[one.doing as Doing]}:</b> {one.why}
                    </Text>
                  ),
              )}
            </Stack>
          </details>
        )}
        {data.row.state === "closed" && (
          <Text size="sm" c="dimmed">
            A closed case is never opened again: what goes beyond it opens a case that follows it.
          </Text>
        )}
        {data.acting_as && (
          <Text size="xs" c="dimmed">
            You act as {data.acting_as}. Each act is signed with that key, chained to the one before it, and
            kept for good.
          </Text>
        )}
      </Stack>
    </Paper>
  );
}

function Waiting({ data }: { data: SurveilCase }) {
  const said = data.proposal;
  if (!said) return null;
  const closed = data.row.state === "closed";
  return (
    <Alert
      variant="light"
      color={closed ? "gray" : "cyan"}
      title={
        closed
          ? `Closed as ${outcomeWords(said.outcome).toLowerCase()}`
          : `Proposed: ${outcomeWords(said.outcome).toLowerCase()}`
      }
    >
      <Text size="sm">
        {said.by}: {said.reason}
      </Text>
      <Text size="xs" mt={4}>
        {closed
          ? `Confirmed by ${data.confirmed_by}.`
          : "A supervisor who never proposed a decision on this case, and does not have it, confirms it or sends it back."}
        {said.exceptions.length > 0 && ` It does not speak of ${said.exceptions.join(", ")}.`}
      </Text>
    </Alert>
  );
}

interface FormProps {
  doing: Doing;
  data: SurveilCase;
  busy: boolean;
  give: (order: OrderGiven) => void;
}

function Form({ doing, data, busy, give }: FormProps) {
  const [text, setText] = useState("");
  const [outcome, setOutcome] = useState("");
  const [analyst, setAnalyst] = useState<string | null>(null);
  const said = text.trim() !== "";
  const ready: Record<Doing, boolean> = {
    take: true,
    assign: analyst !== null,
    note: said,
    propose: said && outcome !== "",
    confirm: true,
    reject: said,
  };
  const labels: Partial<Record<Doing, string>> = {
    note: "What you found",
    propose: "Why, in a sentence",
    confirm: "Why (may be left empty)",
    reject: "What is missing, or wrong",
  };
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (ready[doing])
          give({
            doing,
            text: doing === "note" ? text : "",
            reason: doing === "note" ? "" : text,
            outcome,
            analyst: analyst ?? "",
          });
      }}
    >
      <Stack gap="sm">
        {doing === "propose" && <Outcomes outcomes={data.outcomes} value={outcome} onChange={setOutcome} />}
        {doing === "assign" ? (
          <Select
            label="To"
            data={data.people.map((one) => ({
              value: one.name,
              label: `${one.name} (${one.roles.join(", ")})`,
            }))}
            value={analyst}
            onChange={setAnalyst}
          />
        ) : (
          <Textarea
            label={labels[doing]}
            autosize
            minRows={2}
            maxRows={8}
            value={text}
            onChange={(event) => setText(event.currentTarget.value)}
            data-autofocus
          />
        )}
        <Group>
          <Button type="submit" size="xs" loading={busy} disabled={!ready[doing]}>
            {doing === "note" ? "Add the note" : LABELS[doing]}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

function Outcomes({
  outcomes,
  value,
  onChange,
}: {
  outcomes: readonly Shapes["CaseOutcome"][];
  value: string;
  onChange: (value: string) => void;
}) {
  return (
    <Radio.Group label="Outcome" value={value} onChange={onChange}>
      <Stack gap="xs" mt={6}>
        {outcomes.map((one) => (
          <Radio
            key={one.value}
            size="sm"
            value={one.value}
            label={outcomeWords(one.value)}
            description={one.meaning}
          />
        ))}
      </Stack>
    </Radio.Group>
  );
}
