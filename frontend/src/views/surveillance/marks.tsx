import { Badge, Text } from "@mantine/core";
import { IconAlarm, IconCircleCheck, IconClock } from "@tabler/icons-react";
import { type CaseRow, deadline, stateWords, tierTone } from "./words";

/** The tier in words, with a bar of its sense. */
export function TierMark({ tier }: { tier: string }) {
  return (
    <Badge
      variant="outline"
      radius="sm"
      styles={{
        root: {
          borderColor: `var(--tw-${tierTone(tier)})`,
          color: "var(--mantine-color-text)",
          overflow: "visible",
        },
        label: { overflow: "visible", textTransform: "none" },
      }}
      leftSection={
        <span
          aria-hidden
          style={{
            width: 8,
            height: 8,
            borderRadius: 2,
            display: "block",
            background: `var(--tw-${tierTone(tier)})`,
          }}
        />
      }
    >
      {tier}
    </Badge>
  );
}

/** How long there still is to take a case up, or by how much it is late. */
export function Deadline({ row, now }: { row: CaseRow; now: number }) {
  const { text, late } = deadline(row, now);
  const Icon = late ? IconAlarm : row.taken_at ? IconCircleCheck : IconClock;
  return (
    <Text component="span" size="sm" fw={late && !row.taken_at ? 650 : 400} style={{ whiteSpace: "nowrap" }}>
      <Icon
        size={14}
        aria-hidden
        style={{ verticalAlign: "-2px", marginRight: 4 }}
        color={late ? "var(--tw-bad)" : "var(--tw-neutral)"}
      />
      {text}
    </Text>
  );
}

export function StateMark({ row }: { row: CaseRow }) {
  return (
    <span>
      {row.state === "closed" && row.outcome
        ? `Closed: ${row.outcome.replaceAll("_", " ")}`
        : stateWords(row.state)}
    </span>
  );
}
