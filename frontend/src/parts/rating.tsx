import { Button, Group, Stack, Text, Textarea } from "@mantine/core";
import { IconThumbDown, IconThumbUp } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useId, useState } from "react";
import { api, body } from "../api/client";

export interface RatingProps {
  /** What sort of thing is rated: `explanation`, `case`, `diagnosis`. */
  kind: string;
  /** Which one. */
  subject: string;
  /** Under which circumstances; `layer` says which part of the thing, and is reported by itself. */
  context?: Record<string, unknown>;
  question?: string;
}

/** "Was this useful?": yes or no, and why. A person's later answer takes the place of the earlier one. */
export function Rating({ kind, subject, context, question = "Was this useful?" }: RatingProps) {
  const client = useQueryClient();
  const asked = useId();
  const key = ["rating", kind, subject];
  const rated = useQuery({
    queryKey: key,
    queryFn: () => body(api.GET("/api/ratings/{kind}/{subject}", { params: { path: { kind, subject } } })),
    staleTime: 60_000,
  });
  const [why, setWhy] = useState<string | null>(null);
  const give = useMutation({
    mutationFn: (said: { useful: boolean; why: string }) =>
      body(api.POST("/api/ratings", { body: { kind, subject, context: context ?? {}, ...said } })),
    onSuccess: (now) => {
      client.setQueryData(key, now);
      setWhy(null);
    },
  });
  const mine = rated.data?.mine ?? null;
  const share = rated.data?.share;
  const text = why ?? mine?.why ?? "";
  const failed = give.error ?? rated.error;

  return (
    <Stack gap={6} role="group" aria-labelledby={asked}>
      <Group gap="xs">
        <Text size="sm" id={asked}>
          {question}
        </Text>
        {[true, false].map((useful) => (
          <Button
            key={String(useful)}
            size="compact-sm"
            variant={mine?.useful === useful ? "filled" : "default"}
            aria-pressed={mine?.useful === useful}
            leftSection={
              useful ? <IconThumbUp size={15} aria-hidden /> : <IconThumbDown size={15} aria-hidden />
            }
            disabled={give.isPending}
            onClick={() => give.mutate({ useful, why: text })}
          >
            {useful ? "Yes" : "No"}
          </Button>
        ))}
        {share && (
          <Text size="xs" c="dimmed">
            {share.useful} of {share.of} found it useful
          </Text>
        )}
      </Group>
      {mine && (
        <Group gap="xs" align="flex-end">
          <Textarea
            label={mine.useful ? "What helped?" : "What was missing or wrong?"}
            size="xs"
            autosize
            minRows={1}
            maxRows={4}
            maxLength={2000}
            style={{ flex: "1 1 220px" }}
            value={text}
            onChange={(event) => setWhy(event.currentTarget.value)}
          />
          <Button
            size="xs"
            variant="default"
            disabled={why === null || why.trim() === mine.why}
            loading={give.isPending}
            onClick={() => give.mutate({ useful: mine.useful, why: text })}
          >
            Keep the reason
          </Button>
        </Group>
      )}
      <Text size="xs" c={failed ? "var(--tw-bad)" : "dimmed"} aria-live="polite">
        {failed ? `It was not kept: ${failed.message}` : give.isSuccess ? "Kept. Thank you." : ""}
      </Text>
    </Stack>
  );
}
