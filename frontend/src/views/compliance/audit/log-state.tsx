import { Button, Checkbox, Group, List, Stack, Text } from "@mantine/core";
import { IconShieldCheck } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { api, body, type Shapes } from "../../../api/client";
import { ago, count, moment, number } from "../../../parts/format";
import { Stat, Stats } from "../../../parts/stat";
import { Failure } from "../../../parts/states";
import { TaskState, useTask } from "../task";
import { Notice } from "../tone";

type Status = Shapes["AuditStatus"];

interface Verdict {
  ok: boolean;
  rows: number;
  seconds: number;
  seals: number;
  head: { seq: number; hash: string } | null;
  findings: { fault: string; seq: number | null; last: number | null; detail: string }[];
  notes: string[];
  since: number | null;
  held_against: number | null;
}

/** Size and ends of the log, when it was last verified, and buttons to verify it. */
export function LogState({ status }: { status: Status }) {
  const checkpoint = status.checkpoint;
  return (
    <Stack gap="sm">
      <Stats cols={4}>
        <Stat label="Entries" value={count(status.entries)} hint={`since ${moment(status.first_at)}`} />
        <Stat
          label="Last entry"
          value={status.last === null ? "–" : `# ${count(status.last)}`}
          hint={moment(status.last_at)}
        />
        <Stat
          label="Last verified"
          value={checkpoint ? ago(checkpoint.at) : "never here"}
          tone={checkpoint ? "good" : "warning"}
          hint={
            checkpoint
              ? `up to entry ${count(checkpoint.seq)}, by ${checkpoint.by}`
              : "nothing below is proven yet"
          }
        />
        <Stat
          label="Anchor, guards"
          value={status.guards === "in place" ? "in place" : "not in place"}
          tone={status.guards === "in place" ? "neutral" : "bad"}
          hint={`anchor ${status.anchor}; ${status.encrypted ? "encrypted" : "not encrypted"}`}
        />
      </Stats>
      {status.warnings.map((text) => (
        <Notice key={text} color="yellow" variant="light" title="What weakens the proof">
          {text}
        </Notice>
      ))}
      <Verify status={status} />
    </Stack>
  );
}

function Verify({ status }: { status: Status }) {
  const client = useQueryClient();
  const [deep, setDeep] = useState(false);
  const [task, setTask] = useState<string | null>(null);
  const running = useQuery({
    queryKey: ["compliance", "tasks", "audit verification"],
    queryFn: () =>
      body(api.GET("/api/compliance/tasks", { params: { query: { kind: "audit verification" } } })),
  });
  const start = useMutation({
    mutationFn: (whole: boolean) =>
      body(api.POST("/api/compliance/audit/verify", { body: { whole, deep: whole && deep } })),
    onSuccess: (made) => setTask(made.id),
  });
  const shown = task ?? running.data?.[0]?.id ?? null;
  const found = useTask(shown).data;
  const ended = found?.state !== "running" ? found?.id : undefined;
  useEffect(() => {
    if (ended) void client.invalidateQueries({ queryKey: ["compliance", "audit", "status"] });
  }, [client, ended]);

  const busy = start.isPending || found?.state === "running";
  return (
    <Stack gap="sm">
      <Group gap="sm">
        <Button
          size="xs"
          leftSection={<IconShieldCheck size={15} aria-hidden />}
          loading={busy}
          onClick={() => start.mutate(true)}
        >
          Verify the whole chain
        </Button>
        {status.checkpoint && (
          <Button size="xs" variant="default" disabled={busy} onClick={() => start.mutate(false)}>
            Verify what came since
          </Button>
        )}
        <Checkbox
          size="xs"
          label="also read the indexes (slower)"
          checked={deep}
          onChange={(event) => setDeep(event.currentTarget.checked)}
        />
      </Group>
      {start.error && <Failure error={start.error} />}
      <TaskState id={shown} label="Verification" />
      {found?.state === "done" && <Outcome verdict={found.result as unknown as Verdict} at={found.ended} />}
    </Stack>
  );
}

function Outcome({ verdict, at }: { verdict: Verdict; at: string | null | undefined }) {
  const what = verdict.since === null ? "The whole chain" : `What follows entry ${count(verdict.since)}`;
  return (
    <Notice
      color={verdict.ok ? "teal" : "red"}
      variant="light"
      role={verdict.ok ? "status" : "alert"}
      title={
        verdict.ok
          ? `${what} is in order`
          : `${count(verdict.findings.length)} findings: the log is not what was written`
      }
    >
      <Text size="sm">
        {count(verdict.rows)} entries read in {number(verdict.seconds, 1)} s, {moment(at)}; every hash
        computed anew, and held against the signatures and the anchor
        {verdict.held_against !== null &&
          `, and against the hash kept here at entry ${count(verdict.held_against)}`}
        .
      </Text>
      {verdict.head && (
        <Text size="sm" style={{ overflowWrap: "anywhere" }}>
          Head: entry {count(verdict.head.seq)}, hash {verdict.head.hash}
        </Text>
      )}
      {!verdict.ok && (
        <List size="sm" mt="xs">
          {verdict.findings.map((one) => (
            <List.Item key={`${one.fault} ${one.seq} ${one.detail}`}>
              {one.fault}
              {one.seq !== null && ` at entry ${count(one.seq)}`}
              {one.last !== null && ` to ${count(one.last)}`}: {one.detail}
            </List.Item>
          ))}
        </List>
      )}
      {!verdict.ok && (
        <Text size="sm" mt="xs">
          Keep a copy of all files of the log as evidence, and append nothing.
        </Text>
      )}
      {verdict.notes.map((text) => (
        <Text key={text} size="sm" c="dimmed">
          {text}
        </Text>
      ))}
    </Notice>
  );
}
