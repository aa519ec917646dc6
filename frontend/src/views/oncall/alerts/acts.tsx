import { Alert, Button, Checkbox, Group, NumberInput, Stack, Text, Textarea, TextInput } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { api, body, Problem, type Shapes } from "../../../api/client";

type Detail = Shapes["OncallIncidentDetail"];
type Act = "acknowledge" | "assign" | "silence" | "resolve";

const NAMES: Record<Act, string> = {
  acknowledge: "I look at it",
  assign: "Assign",
  silence: "Silence",
  resolve: "Resolve",
};

/** What a person can do with an incident: each act asks for what it needs, and is kept under their name. */
export function Acts({ detail, longest }: { detail: Detail; longest: number }) {
  const [act, setAct] = useState<Act | null>(null);
  const [done, setDone] = useState("");
  if (detail.incident.standing === "resolved")
    return (
      <Text size="sm" c="dimmed">
        It is over; there is nothing to do.
      </Text>
    );
  return (
    <Stack gap="xs">
      <Group gap="xs" role="group" aria-label="What to do with this incident">
        {(Object.keys(NAMES) as Act[]).map((name) => (
          <Button
            key={name}
            size="xs"
            variant={act === name ? "filled" : name === "acknowledge" ? "light" : "default"}
            aria-expanded={act === name}
            onClick={() => setAct(act === name ? null : name)}
          >
            {NAMES[name]}
          </Button>
        ))}
      </Group>
      <Text size="sm" role="status">
        {done}
      </Text>
      {act && (
        <ActForm
          key={act}
          act={act}
          detail={detail}
          longest={longest}
          close={(said) => {
            setAct(null);
            setDone(said);
          }}
        />
      )}
    </Stack>
  );
}

interface FormProps {
  act: Act;
  detail: Detail;
  longest: number;
  close: (said: string) => void;
}

const EXPLAINED: Record<Act, string> = {
  acknowledge: "It goes no further up the chain and is not told again, unless it gets worse.",
  assign: "The same, in the name of who takes it; the note says that you gave it to them.",
  silence:
    "Alerts like these are kept but not told, until the silence ends. Critical ones are told all the same.",
  resolve: "It is over now, before the quiet time has shown it. Where the trouble goes on, it opens again.",
};

function ActForm({ act, detail, longest, close }: FormProps) {
  const client = useQueryClient();
  const [note, setNote] = useState("");
  const [who, setWho] = useState("");
  const [hours, setHours] = useState<number | string>(2);
  const [critical, setCritical] = useState(false);
  const [match, setMatch] = useState(matchOf(detail));
  const incident = detail.incident.id;
  const run = useMutation({
    mutationFn: async () => {
      const params = { path: { incident } };
      if (act === "resolve")
        return body(api.POST("/api/oncall/alerts/{incident}/resolve", { params, body: { note } }));
      if (act === "silence")
        return body(
          api.POST("/api/oncall/silences", {
            body: { match: pairs(match), hours: Number(hours), reason: note, critical },
          }),
        );
      return body(
        api.POST("/api/oncall/alerts/{incident}/acknowledge", {
          params,
          body: { note, assignee: act === "assign" ? who : null },
        }),
      );
    },
    onSuccess: () => {
      const said = act === "silence" ? "Silenced; the monitor takes it up within a minute." : "Done.";
      notifications.show({ message: said, color: "teal" });
      void client.invalidateQueries({ queryKey: ["oncall", "alerts"] });
      close(said);
    },
  });

  function submit(event: FormEvent) {
    event.preventDefault();
    run.mutate();
  }

  return (
    <form onSubmit={submit}>
      <Stack gap="xs">
        <Text size="xs" c="dimmed">
          {EXPLAINED[act]}
        </Text>
        {act === "assign" && (
          <TextInput
            label="Who takes it"
            required
            size="xs"
            value={who}
            onChange={(event) => setWho(event.currentTarget.value)}
          />
        )}
        {act === "silence" && (
          <>
            <TextInput
              label="Alerts that match"
              description="LABEL=PATTERN, parted by spaces; * stands for anything"
              required
              size="xs"
              value={match}
              onChange={(event) => setMatch(event.currentTarget.value)}
            />
            <NumberInput
              label="Hours"
              required
              size="xs"
              w={120}
              min={0.1}
              max={longest}
              value={hours}
              onChange={setHours}
            />
            <Checkbox
              label="Critical alerts too"
              size="xs"
              checked={critical}
              onChange={(event) => setCritical(event.currentTarget.checked)}
            />
          </>
        )}
        <Textarea
          label={act === "silence" ? "Why" : act === "resolve" ? "What was done" : "What you know or do"}
          required={act === "silence" || act === "resolve"}
          size="xs"
          autosize
          minRows={2}
          value={note}
          onChange={(event) => setNote(event.currentTarget.value)}
        />
        {run.error && (
          <Alert
            color="red"
            role="alert"
            title={run.error instanceof Problem ? run.error.shape.title : "It failed"}
          >
            {run.error.message}
          </Alert>
        )}
        <Group>
          <Button type="submit" size="xs" loading={run.isPending}>
            {NAMES[act]}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

/** What a silence of this incident would match: its kinds, and the feed or source where all agree in one. */
function matchOf(detail: Detail): string {
  const kinds = detail.incident.kinds.join(",");
  const first = detail.members[0]?.subject ?? {};
  const same = ["feed", "source", "dependency"].filter(
    (name) => first[name] && detail.members.every((one) => one.subject[name] === first[name]),
  );
  return [`kind=${kinds}`, ...same.map((name) => `${name}=${first[name]}`)].join(" ");
}

/** `kind=a feed=b` as a mapping. */
export function pairs(text: string): Record<string, string> {
  return Object.fromEntries(
    text
      .split(/\s+/)
      .filter((word) => word.includes("="))
      .map((word) => [word.slice(0, word.indexOf("=")), word.slice(word.indexOf("=") + 1)]),
  );
}
