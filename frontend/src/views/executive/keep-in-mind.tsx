import { List, Text } from "@mantine/core";
import { percent } from "../../parts/format";
import type { Summary } from "./data";
import { Section } from "./section";

/** What to know before acting on any of it. */
export function KeepInMind({ summary }: { summary: Summary }) {
  const members = Object.entries(summary.model?.members ?? {}).sort((a, b) => b[1] - a[1]);
  return (
    <Section title="What to keep in mind">
      <List size="sm" spacing={6}>
        {summary.keep_in_mind.map((one) => (
          <List.Item key={one}>{one}</List.Item>
        ))}
      </List>
      {members.length > 0 && (
        <Text size="xs" c="dimmed">
          The model joins {members.map(([name, weight]) => `${name} (${percent(weight, 0)})`).join(", ")}.
        </Text>
      )}
    </Section>
  );
}
