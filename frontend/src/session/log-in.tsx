import { Alert, Button, Center, Paper, PasswordInput, Stack, Text, TextInput, Title } from "@mantine/core";
import { type FormEvent, useEffect, useState } from "react";
import { api, body, Problem } from "../api/client";
import type { Me } from "./session";

/** Name and password; people who started the dashboard come by the link it printed instead. */
export function LogInPage({ onDone }: { onDone: (me: Me) => void }) {
  const [problem, setProblem] = useState<Problem | null>(null);
  const [busy, setBusy] = useState(false);
  const over = new URLSearchParams(window.location.search).has("over");

  useEffect(() => {
    document.title = "Log in · Tradewind";
  }, []);

  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    setBusy(true);
    setProblem(null);
    try {
      const sent = { name: String(form.get("name")), password: String(form.get("password")) };
      onDone(await body(api.POST("/api/log-in", { body: sent })));
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      setProblem(error);
    } finally {
      setBusy(false);
    }
  }

  return (
    <Center mih="100dvh" p="md" component="main">
      <Paper withBorder p="xl" w="100%" maw={400} component="form" onSubmit={submit}>
        <Stack>
          <Title order={1} size="h2">
            Tradewind
          </Title>
          {over && (
            <Alert color="yellow" title="That link is used up">
              A link works once, for ten minutes.
            </Alert>
          )}
          {problem && (
            <Alert color="red" title={problem.shape.title} role="alert">
              {problem.shape.detail} {problem.shape.fix && problem.shape.status === 429 && problem.shape.fix}
            </Alert>
          )}
          <TextInput
            label="Name"
            name="name"
            autoComplete="username"
            required
            withAsterisk={false}
            data-autofocus
          />
          <PasswordInput
            label="Password"
            name="password"
            autoComplete="current-password"
            required
            withAsterisk={false}
          />
          <Button type="submit" loading={busy}>
            Log in
          </Button>
          <Text size="sm" c="dimmed">
            Nobody has a password yet? Whoever runs the dashboard gets a link in the terminal, and adds people
            with <code>tradewind dashboard users add</code>.
          </Text>
        </Stack>
      </Paper>
    </Center>
  );
}
