import {
  Alert,
  Badge,
  Button,
  Code,
  CopyButton,
  Group,
  Progress,
  Spoiler,
  Stack,
  Text,
  Title,
} from "@mantine/core";
import {
  IconCircleCheck,
  IconCircleDashed,
  IconExclamationCircle,
  IconPlayerPlay,
} from "@tabler/icons-react";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { api, body } from "../../api/client";
import { moment } from "../../parts/format";
import { Failure } from "../../parts/states";
import { Section } from "../executive/section";
import classes from "./projects.module.css";
import { type Detail, JOB_WORDS, STEP_WORDS, shareDone } from "./words";

type Work = NonNullable<Detail["work"]>;
type Step = Work["steps"][number];

const STEP_ICONS = {
  waiting: IconCircleDashed,
  running: IconPlayerPlay,
  done: IconCircleCheck,
  failed: IconExclamationCircle,
} as const;

/** The job of a project: its commands, how far they are, and what can be done about it. */
export function JobBox({ detail }: { detail: Detail }) {
  const { work } = detail;
  return (
    <Section
      title="Its job"
      says="The very commands a person would type; they go on when this page, or the dashboard, is closed."
    >
      {work ? <Running detail={detail} work={work} /> : <Text size="sm">None was started here.</Text>}
      {detail.may_change && detail.bars && <Actions detail={detail} />}
    </Section>
  );
}

function Running({ detail, work }: { detail: Detail; work: Work }) {
  const { progress } = work;
  const open = work.state === "running" || work.state === "waiting";
  return (
    <Stack gap="sm">
      <Group gap="xs" aria-live="polite">
        <Badge
          tt="none"
          variant="light"
          color={work.state === "failed" ? "red" : work.state === "done" ? "cyan" : "gray"}
        >
          {JOB_WORDS[work.state]}
        </Badge>
        {progress && (
          <Text size="sm">
            {progress.stage}: {progress.done} of {progress.total}
          </Text>
        )}
        {work.ended && (
          <Text size="sm" c="dimmed">
            {moment(work.ended)}
          </Text>
        )}
      </Group>
      {open && (
        <Progress
          value={100 * shareDone(work.steps, progress?.done, progress?.total)}
          aria-label={`Job of ${detail.title}`}
        />
      )}
      {work.problem && (
        <Alert color="red" title="A command failed" role="alert">
          {work.problem}
        </Alert>
      )}
      {work.state === "interrupted" && (
        <Alert color="yellow" title="It was cut off">
          The machine or its process ended. What was finished is kept; it can go on from there.
        </Alert>
      )}
      <Stack gap="md" component="ol" m={0} p={0} style={{ listStyle: "none" }}>
        {work.steps.map((step) => (
          <StepRow key={step.name} step={step} />
        ))}
      </Stack>
    </Stack>
  );
}

function StepRow({ step }: { step: Step }) {
  const Icon = STEP_ICONS[step.state];
  return (
    <li>
      <Group gap="xs" wrap="nowrap">
        <Icon
          size={18}
          aria-hidden
          color={
            step.state === "failed" ? "var(--tw-bad)" : step.state === "done" ? "var(--tw-good)" : undefined
          }
        />
        <Title order={3} size="h6">
          {STEP_WORDS[step.name] ?? step.name}
        </Title>
        <Text size="xs" c="dimmed">
          {step.state}
          {took(step)}
        </Text>
        <CopyButton value={step.command}>
          {({ copied, copy }) => (
            <Button
              size="compact-xs"
              variant="default"
              onClick={copy}
              ml="auto"
              aria-label={`Copy the command: ${STEP_WORDS[step.name] ?? step.name}`}
            >
              {copied ? "Copied" : "Copy"}
            </Button>
          )}
        </CopyButton>
      </Group>
      <Code block className={classes.command} mt={4}>
        {step.command}
      </Code>
      {step.output.length > 0 && (
        <Spoiler maxHeight={0} showLabel="What it said" hideLabel="Hide what it said" mt={4}>
          <Code block className={classes.command}>
            {step.output.join("\n")}
          </Code>
        </Spoiler>
      )}
    </li>
  );
}

function took({ began, ended }: Step): string {
  if (!began || !ended) return "";
  const seconds = Math.round((Date.parse(ended) - Date.parse(began)) / 1000);
  return seconds < 120 ? `, ${seconds} s` : `, ${Math.round(seconds / 60)} min`;
}

function Actions({ detail }: { detail: Detail }) {
  const client = useQueryClient();
  const path = { params: { path: { name: detail.name } } };
  const keep = (made: Detail) => {
    client.setQueryData(["project", detail.name], made);
    void client.invalidateQueries({ queryKey: ["projects"] });
  };
  const cancel = useMutation({
    mutationFn: () => body(api.POST("/api/projects/{name}/job/cancel", path)),
    onSuccess: keep,
  });
  const resume = useMutation({
    mutationFn: () => body(api.POST("/api/projects/{name}/job/resume", path)),
    onSuccess: keep,
  });
  const again = useMutation({
    mutationFn: () =>
      body(
        api.POST("/api/projects/{name}/job", {
          ...path,
          body: {
            models: detail.asked?.models ?? ["logistic", "xgboost", "random_forest"],
            test_start: detail.asked?.test_start ?? null,
          },
        }),
      ),
    onSuccess: keep,
  });
  const state = detail.work?.state;
  const open = state === "running" || state === "waiting";
  const stopped = state === "failed" || state === "cancelled" || state === "interrupted";
  const error = cancel.error ?? resume.error ?? again.error;
  return (
    <Stack gap="xs">
      <Group gap="xs">
        {open && (
          <Button size="xs" variant="default" loading={cancel.isPending} onClick={() => cancel.mutate()}>
            Cancel
          </Button>
        )}
        {stopped && (
          <Button size="xs" loading={resume.isPending} onClick={() => resume.mutate()}>
            Go on where it stopped
          </Button>
        )}
        {!open && (
          <Button size="xs" variant="default" loading={again.isPending} onClick={() => again.mutate()}>
            {detail.work ? "Run all of it again" : "Train, measure, forecast and explain"}
          </Button>
        )}
      </Group>
      {error && <Failure error={error} />}
    </Stack>
  );
}
