import { Alert, Button, Paper, PasswordInput, Stack, Text, Title } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { api } from "../api/client";
import { Failure } from "../parts/states";
import { useMe } from "../session/session";
import { roleName, signing } from "../shell/user-menu";
import { SettingsPage } from "./frame";

const SHORTEST = 10;

/** What the dashboard knows of who is there, and their password. */
export default function Account() {
  const me = useMe();
  return (
    <SettingsPage title="Your account" lead={`${me.name}: ${me.roles.map(roleName).join(", ")}.`}>
      <Text size="sm">
        {signing(me)}. Decisions about models and cases are signed; the key lies on the machine of the
        dashboard.
      </Text>
      <PasswordForm hasOne={me.has_password} />
    </SettingsPage>
  );
}

function PasswordForm({ hasOne }: { hasOne: boolean }) {
  const client = useQueryClient();
  const [old, setOld] = useState("");
  const [next, setNext] = useState("");
  const [again, setAgain] = useState("");
  const change = useMutation({
    mutationFn: () => api.POST("/api/me/password", { body: { old: hasOne ? old : null, new: next } }),
    onSuccess: () => {
      for (const clear of [setOld, setNext, setAgain]) clear("");
      void client.invalidateQueries({ queryKey: ["me"] });
    },
  });
  const short = next !== "" && next.length < SHORTEST;
  const differs = again !== "" && again !== next;

  function submit(event: FormEvent) {
    event.preventDefault();
    change.mutate();
  }

  return (
    <Paper withBorder p="md" maw={440} component="form" onSubmit={submit}>
      <Stack gap="sm">
        <Title order={2} size="h4">
          {hasOne ? "Change your password" : "Take a password"}
        </Title>
        {!hasOne && (
          <Text size="sm" c="dimmed">
            You came by a link. With a password you can log in without one.
          </Text>
        )}
        {hasOne && (
          <PasswordInput
            label="Present password"
            autoComplete="current-password"
            required
            value={old}
            onChange={(event) => setOld(event.currentTarget.value)}
          />
        )}
        <PasswordInput
          label="New password"
          description={`${SHORTEST} letters at least`}
          autoComplete="new-password"
          required
          value={next}
          error={short ? `It has fewer than ${SHORTEST} letters.` : undefined}
          onChange={(event) => setNext(event.currentTarget.value)}
        />
        <PasswordInput
          label="New password again"
          autoComplete="new-password"
          required
          value={again}
          error={differs ? "It is not the same." : undefined}
          onChange={(event) => setAgain(event.currentTarget.value)}
        />
        {change.error && <Failure error={change.error} />}
        {change.isSuccess && (
          <Alert color="teal" role="status" variant="light" title="The password is changed">
            Your other sessions are over.
          </Alert>
        )}
        <Button
          type="submit"
          loading={change.isPending}
          disabled={next.length < SHORTEST || next !== again || (hasOne && old === "")}
        >
          {hasOne ? "Change it" : "Take it"}
        </Button>
      </Stack>
    </Paper>
  );
}
