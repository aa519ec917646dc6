import { Button, Group, Modal, Stack, Text, Textarea } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { api, body, Problem, type Shapes } from "../../../api/client";
import { Failure } from "../../../parts/states";
import { ACTS } from "./words";

interface Open {
  version: Shapes["WaitingVersion"];
  act: Shapes["PossibleAct"];
}

/** Asks for the reason of a decision, and signs it. */
export function DecisionForm(props: {
  open: Open | null;
  signsAs: string;
  onClose: () => void;
  onStale: () => void;
}) {
  const { open, signsAs, onClose, onStale } = props;
  const words = open ? ACTS[open.act.act] : null;
  return (
    <Modal
      opened={open !== null}
      onClose={onClose}
      title={open && words ? `${words.button} ${open.version.reference}` : ""}
      size="lg"
    >
      {open && <Form open={open} signsAs={signsAs} onClose={onClose} onStale={onStale} />}
    </Modal>
  );
}

function Form({ open, signsAs, onClose, onStale }: FormProps) {
  const client = useQueryClient();
  const [reason, setReason] = useState("");
  const { name, version, reference, seen } = open.version;
  const words = ACTS[open.act.act];
  const decide = useMutation({
    mutationFn: () =>
      body(
        api.POST("/api/compliance/models/{name}/{version}/decisions", {
          params: { path: { name, version } },
          body: { act: open.act.act, reason: reason.trim(), seen },
        }),
      ),
    onSuccess: (made) => {
      notifications.show({
        title: `${reference}: ${made.words}`,
        message: `Signed by ${made.by} as ${made.role}. Hash ${made.hash.slice(0, 16)}.`,
      });
      void client.invalidateQueries({ queryKey: ["compliance"] });
      onClose();
    },
    onError: (error) => {
      if (error instanceof Problem && error.shape.status === 409) onStale();
    },
  });

  function submit(event: FormEvent) {
    event.preventDefault();
    decide.mutate();
  }

  return (
    <form onSubmit={submit}>
      <Stack>
        <Text size="sm">{words.follows}</Text>
        {decide.error && <Failure error={decide.error} />}
        <Textarea
          label="Reason"
          description="In a sentence or more. It is signed with the decision and kept for good."
          required
          autosize
          minRows={3}
          maxLength={4000}
          value={reason}
          onChange={(event) => setReason(event.currentTarget.value)}
          data-autofocus
        />
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button
            type="submit"
            color={words.harsh ? "red" : undefined}
            loading={decide.isPending}
            disabled={reason.trim() === ""}
          >
            {words.button} and sign as {signsAs}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

interface FormProps {
  open: Open;
  signsAs: string;
  onClose: () => void;
  onStale: () => void;
}
