import { Alert, Button, Code, Skeleton, Stack, Text } from "@mantine/core";
import type { UseQueryResult } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { Problem } from "../api/client";

/** What failed, in the server's words, with a way to try again. */
export function Failure({ error, retry }: { error: Error; retry?: () => void }) {
  const shape =
    error instanceof Problem ? error.shape : { title: "This cannot be shown", detail: error.message };
  const missing = error instanceof Problem && error.shape.status === 404;
  return (
    <Alert color={missing ? "gray" : "red"} title={shape.title} role="alert" variant="light">
      <Stack gap="xs" align="flex-start">
        <Text size="sm">{shape.detail}</Text>
        {"fix" in shape && shape.fix && <Code>{shape.fix}</Code>}
        {retry && (
          <Button size="xs" variant="default" onClick={retry}>
            Try again
          </Button>
        )}
      </Stack>
    </Alert>
  );
}

/** A query's data once they are there; a grey shape until then, and what failed otherwise. */
export function Loaded<T>({
  query,
  height = 160,
  children,
}: {
  query: UseQueryResult<T>;
  height?: number;
  children: (data: T) => ReactNode;
}) {
  if (query.data !== undefined) return <>{children(query.data)}</>;
  if (query.error) return <Failure error={query.error} retry={() => query.refetch()} />;
  return <Skeleton height={height} aria-busy="true" aria-label="Loading" role="status" />;
}
