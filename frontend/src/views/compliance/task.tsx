import { Progress, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { api, body, Problem, type Shapes } from "../../api/client";
import { count } from "../../parts/format";
import { Failure } from "../../parts/states";
import { Notice } from "./tone";

export type Task = Shapes["ComplianceTask"];

const EVERY = 700;

/** A piece of background work by its id, asked for until it ends. */
export function useTask(id: string | null) {
  return useQuery({
    queryKey: ["compliance", "task", id],
    queryFn: () => body(api.GET("/api/compliance/tasks/{task}", { params: { path: { task: id ?? "" } } })),
    enabled: id !== null && id !== "",
    refetchInterval: (query) => (query.state.data?.state === "running" || !query.state.data ? EVERY : false),
    staleTime: 0,
  });
}

/** How far background work is; what failed, in words. */
export function TaskState({ id, label }: { id: string | null; label: string }) {
  const task = useTask(id);
  if (!id) return null;
  if (task.error instanceof Problem && task.error.shape.status === 404) return null;
  if (task.error) return <Failure error={task.error} retry={() => task.refetch()} />;
  const found = task.data;
  if (found?.state === "done") return null;
  if (found?.state === "failed")
    return (
      <Notice color="red" title={`${label} failed`} role="alert" variant="light">
        {found.problem}
      </Notice>
    );
  const share = found && found.total > 0 ? (100 * found.done) / found.total : null;
  const steps = found && found.total > 0 ? `${count(found.done)} of ${count(found.total)}` : "";
  return (
    <Stack gap={4} role="status">
      <Text size="sm">
        {label}: {found?.stage || "starting"} {steps}
      </Text>
      <Progress value={share ?? 100} animated={share === null} aria-label={label} />
    </Stack>
  );
}
