import {
  Button,
  Group,
  Modal,
  MultiSelect,
  Select,
  SimpleGrid,
  Stack,
  Textarea,
  TextInput,
} from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { useNavigate } from "react-router";
import { api, body, type Shapes } from "../../../api/client";
import { Failure } from "../../../parts/states";
import { useMe } from "../../../session/session";
import { boxOf, dayAfter, isoOf } from "./words";

interface Props {
  opened: boolean;
  reference: string;
  /** Number of a row of the audit log that shows it; empty without. */
  audit: string;
  onClose: () => void;
}

/** Records an incident. */
export function NewIncident(props: Props) {
  return (
    <Modal opened={props.opened} onClose={props.onClose} title={`Record ${props.reference}`} size="xl">
      {props.opened && <Form {...props} />}
    </Modal>
  );
}

function Form({ reference, audit, onClose }: Props) {
  const me = useMe();
  const navigate = useNavigate();
  const client = useQueryClient();
  const models = useQuery({
    queryKey: ["compliance", "models"],
    queryFn: () => body(api.GET("/api/compliance/models")),
  });
  const [about, setAbout] = useState<string[]>([]);
  const [severity, setSeverity] = useState<Shapes["IncidentShape"]["severity"]>("medium");
  const now = boxOf(new Date().toISOString());
  const names = models.data?.rows.flatMap((row) => [row.name, row.reference]) ?? [];
  const record = useMutation({
    mutationFn: (sent: Shapes["IncidentShape"]) =>
      body(api.POST("/api/compliance/incidents", { body: sent })),
    onSuccess: (made) => {
      void client.invalidateQueries({ queryKey: ["compliance"] });
      navigate(`/compliance/incidents/${made.name}`);
    },
  });

  function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const text = (name: string) => String(form.get(name) ?? "").trim();
    const started = isoOf(text("started"));
    record.mutate({
      reference,
      title: text("title"),
      severity,
      status: "open",
      models: about,
      owner: text("owner"),
      started,
      detected: isoOf(text("detected")),
      resolved: null,
      summary: text("summary"),
      cause: text("cause"),
      impact: { words: text("impact"), currency: "USD" },
      lessons: [],
      timeline: [
        {
          at: started,
          what: text("first"),
          by: me.name,
          audit: text("audit") ? Number(text("audit")) : null,
        },
      ],
      actions: [{ what: text("action"), owner: text("action-owner"), due: text("due") }],
    });
  }

  return (
    <form onSubmit={submit}>
      <Stack gap="sm">
        {record.error && <Failure error={record.error} />}
        <TextInput name="title" label="What happened, in one line" required data-autofocus />
        <SimpleGrid cols={{ base: 1, sm: 2 }} spacing="sm">
          <MultiSelect
            label="Models concerned"
            description="a name means all its versions"
            data={[...new Set(names)]}
            value={about}
            onChange={setAbout}
            required
            searchable
          />
          <Select
            label="Severity"
            description="what it cost or could have cost"
            data={["low", "medium", "high", "critical"]}
            allowDeselect={false}
            value={severity}
            onChange={(to) => setSeverity(to as Shapes["IncidentShape"]["severity"])}
          />
          <TextInput name="started" type="datetime-local" label="Started (UTC)" defaultValue={now} required />
          <TextInput
            name="detected"
            type="datetime-local"
            label="Detected (UTC)"
            defaultValue={now}
            required
          />
          <TextInput name="owner" label="Who leads the response" defaultValue={me.name} required />
          <TextInput
            name="audit"
            type="number"
            min={0}
            label="Row of the audit log that shows it"
            defaultValue={audit}
          />
        </SimpleGrid>
        <Textarea name="summary" label="What happened and to whom" required autosize minRows={2} />
        <Textarea
          name="impact"
          label="What it cost: forecasts, positions, money"
          required
          autosize
          minRows={1}
        />
        <TextInput name="first" label="What was seen first" required />
        <TextInput name="cause" label="Cause, as far as known" defaultValue="Under investigation." required />
        <SimpleGrid cols={{ base: 1, sm: 3 }} spacing="sm">
          <TextInput name="action" label="First thing to do" required />
          <TextInput name="action-owner" label="By whom" defaultValue={me.name} required />
          <TextInput name="due" type="date" label="Until" defaultValue={dayAfter(7)} required />
        </SimpleGrid>
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" loading={record.isPending} disabled={about.length === 0}>
            Record
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
