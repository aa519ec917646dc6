import { Alert, Button, Modal, Stack, Text, Textarea } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { api, body } from "../../../api/client";

/** Ends an experiment: everybody is served by the control. */
export function StopButton({ experiment }: { experiment: string }) {
  const client = useQueryClient();
  const [open, setOpen] = useState(false);
  const [reason, setReason] = useState("");
  const stop = useMutation({
    mutationFn: () => body(api.POST("/api/oncall/rollout/stop", { body: { experiment, reason } })),
    onSuccess: ({ taken_up }) => {
      notifications.show({
        color: taken_up ? "teal" : "yellow",
        message: taken_up
          ? `${experiment} is stopped; everybody is served by the control.`
          : `No server took it up yet: ${experiment} is stopped when one looks at its state folder.`,
      });
      void client.invalidateQueries({ queryKey: ["oncall", "rollout"] });
      setOpen(false);
    },
  });

  function submit(event: FormEvent) {
    event.preventDefault();
    stop.mutate();
  }

  return (
    <>
      <Button
        size="xs"
        color="red"
        variant="light"
        c="var(--mantine-color-text)"
        onClick={() => setOpen(true)}
      >
        Stop the experiment
      </Button>
      <Modal opened={open} onClose={() => setOpen(false)} title={`Stop ${experiment}`}>
        <form onSubmit={submit}>
          <Stack gap="sm">
            <Text size="sm">
              Everybody is served by the control within seconds. An experiment that was stopped does not go
              on.
            </Text>
            <Textarea
              label="Why"
              required
              data-autofocus
              value={reason}
              onChange={(event) => setReason(event.currentTarget.value)}
            />
            {stop.error && (
              <Alert color="red" role="alert">
                {stop.error.message}
              </Alert>
            )}
            <Button type="submit" color="red" loading={stop.isPending}>
              Stop it
            </Button>
          </Stack>
        </form>
      </Modal>
    </>
  );
}
