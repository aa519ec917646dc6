import { Button, List, Text } from "@mantine/core";
import { IconShieldCheck } from "@tabler/icons-react";
import { useMutation } from "@tanstack/react-query";
import { api, body } from "../../../api/client";
import { Failure } from "../../../parts/states";
import { TaskState, useTask } from "../task";
import { Notice } from "../tone";

interface Found {
  sound: boolean;
  beside_log: boolean;
  findings: Record<string, string[]>;
}

/** A button that verifies everything in the registry, files too. */
export function CheckRegistry({ onStart }: { onStart: (task: string) => void }) {
  const start = useMutation({
    mutationFn: () => body(api.POST("/api/compliance/models/check")),
    onSuccess: (task) => onStart(task.id),
  });
  return (
    <>
      <Button
        size="xs"
        variant="default"
        leftSection={<IconShieldCheck size={15} aria-hidden />}
        loading={start.isPending}
        onClick={() => start.mutate()}
      >
        Check everything
      </Button>
      {start.error && <Failure error={start.error} />}
    </>
  );
}

/** What the check found. */
CheckRegistry.Result = function Result({ task }: { task: string | null }) {
  const found = useTask(task).data;
  if (found?.state !== "done") return <TaskState id={task} label="Check of the registry" />;
  const told = found.result as unknown as Found;
  const beside = told.beside_log ? "Also beside the audit log." : "There is no audit log to compare with.";
  if (told.sound)
    return (
      <Notice color="teal" variant="light" title="The registry is sound" role="status">
        Signatures, order of decisions, index, records and the hash of every file. {beside}
      </Notice>
    );
  return (
    <Notice color="red" variant="light" title="The registry is not sound" role="alert">
      {Object.entries(told.findings)
        .filter(([, findings]) => findings.length > 0)
        .map(([name, findings]) => (
          <div key={name}>
            <Text fw={600} size="sm">
              {name}
            </Text>
            <List size="sm">
              {findings.map((text) => (
                <List.Item key={text}>{text}</List.Item>
              ))}
            </List>
          </div>
        ))}
      <Text size="sm">{beside} Nothing of an unsound model is served until a copy is restored.</Text>
    </Notice>
  );
};
