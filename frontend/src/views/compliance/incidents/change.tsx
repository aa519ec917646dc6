import { Button, Group, Modal, SimpleGrid, Stack, Textarea, TextInput } from "@mantine/core";
import type { FormEvent } from "react";
import type { Shapes } from "../../../api/client";
import { Failure } from "../../../parts/states";
import { useMe } from "../../../session/session";
import { boxOf, dayAfter, isoOf } from "./words";

type Shape = Shapes["IncidentShape"];
export type Change = "note" | "action" | "close";

interface Props {
  change: Change | null;
  incident: Shape;
  busy: boolean;
  error: Error | null;
  onClose: () => void;
  onSave: (to: Shape) => void;
}

const TITLES: Record<Change, string> = {
  note: "Add to the timeline",
  action: "Add an action",
  close: "Close with its cause",
};

/** Adds to an incident, or closes it. */
export function ChangeForm(props: Props) {
  const { change, onClose } = props;
  return (
    <Modal opened={change !== null} onClose={onClose} title={change ? TITLES[change] : ""} size="lg">
      {change && <Form {...props} change={change} />}
    </Modal>
  );
}

function Form({ change, incident, busy, error, onClose, onSave }: Props & { change: Change }) {
  const me = useMe();
  const now = boxOf(new Date().toISOString());

  function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    onSave(changed(incident, change, me.name, (name) => String(form.get(name) ?? "").trim()));
  }

  return (
    <form onSubmit={submit}>
      <Stack gap="sm">
        {error && <Failure error={error} />}
        {change === "note" && (
          <>
            <Textarea name="what" label="What happened" required autosize minRows={2} data-autofocus />
            <SimpleGrid cols={{ base: 1, sm: 2 }}>
              <TextInput name="at" type="datetime-local" label="When (UTC)" defaultValue={now} required />
              <TextInput name="audit" type="number" min={0} label="Row of the audit log that shows it" />
            </SimpleGrid>
          </>
        )}
        {change === "action" && (
          <>
            <TextInput name="what" label="What must be done" required data-autofocus />
            <SimpleGrid cols={{ base: 1, sm: 2 }}>
              <TextInput name="owner" label="By whom" defaultValue={me.name} required />
              <TextInput name="due" type="date" label="Until" defaultValue={dayAfter(7)} required />
            </SimpleGrid>
          </>
        )}
        {change === "close" && (
          <>
            <Textarea
              name="cause"
              label="Why it happened, down to what allowed it"
              defaultValue={incident.cause}
              required
              autosize
              minRows={2}
              data-autofocus
            />
            <TextInput name="at" type="datetime-local" label="Resolved (UTC)" defaultValue={now} required />
            <Textarea
              name="lessons"
              label="Lessons"
              description="one a line: what would have caught it sooner"
              defaultValue={incident.lessons?.join("\n")}
              autosize
              minRows={2}
            />
          </>
        )}
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" loading={busy}>
            {change === "close" ? "Close the incident" : "Add"}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

/** The incident after a change; `text` gives what was filled in. */
export function changed(incident: Shape, change: Change, by: string, text: (name: string) => string): Shape {
  if (change === "action")
    return {
      ...incident,
      actions: [...incident.actions, { what: text("what"), owner: text("owner"), due: text("due") }],
    };
  const at = isoOf(text("at"));
  const entry = (what: string, audit: string) => ({ at, what, by, audit: audit ? Number(audit) : null });
  if (change === "note")
    return { ...incident, timeline: inOrder([...incident.timeline, entry(text("what"), text("audit"))]) };
  return {
    ...incident,
    status: "closed",
    cause: text("cause"),
    resolved: incident.resolved ?? at,
    lessons: text("lessons")
      .split("\n")
      .map((line) => line.trim())
      .filter(Boolean),
    timeline: inOrder([...incident.timeline, entry("Closed", "")]),
  };
}

function inOrder(timeline: Shape["timeline"]): Shape["timeline"] {
  return [...timeline].sort((a, b) => Date.parse(a.at) - Date.parse(b.at));
}
