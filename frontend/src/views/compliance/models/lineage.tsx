import { Paper, Stack, Text, VisuallyHidden } from "@mantine/core";
import {
  IconArrowDown,
  IconBinaryTree,
  IconCode,
  IconColumns,
  IconDatabase,
  IconGavel,
  IconPlayerPlay,
  IconServer,
  IconSettings,
} from "@tabler/icons-react";
import type { Shapes } from "../../../api/client";

type Step = Shapes["LineageStep"];

const SIGNS: Record<string, typeof IconDatabase> = {
  data: IconDatabase,
  features: IconColumns,
  settings: IconSettings,
  code: IconCode,
  environment: IconServer,
  run: IconPlayerPlay,
  model: IconBinaryTree,
  decisions: IconGavel,
};

/** Where a version comes from, drawn from its data down to the decisions about it. */
export function LineageDrawing({ reference, steps }: { reference: string; steps: readonly Step[] }) {
  return (
    <Stack gap={0} component="ol" aria-label={`Lineage of ${reference}`} p={0} m={0} maw={760}>
      {steps.map((step, i) => {
        const Sign = SIGNS[step.kind] ?? IconDatabase;
        return (
          <li key={step.kind} style={{ listStyle: "none" }}>
            {i > 0 && (
              <Text ta="center" c="dimmed" lh={1} py={2} w={40}>
                <IconArrowDown size={18} aria-hidden />
                <VisuallyHidden>leads to</VisuallyHidden>
              </Text>
            )}
            <Paper
              withBorder
              p="sm"
              style={{ display: "flex", gap: 12, borderLeft: "4px solid var(--tw-accent)", minWidth: 0 }}
            >
              <Sign size={22} aria-hidden style={{ flex: "none", marginTop: 2 }} color="var(--tw-accent)" />
              <div style={{ minWidth: 0 }}>
                <Text size="xs" c="dimmed">
                  {step.kind}
                </Text>
                <Text fw={600} style={{ overflowWrap: "anywhere" }}>
                  {step.id}
                </Text>
                {step.says.map((text) => (
                  <Text key={text} size="sm" style={{ overflowWrap: "anywhere" }}>
                    {text}
                  </Text>
                ))}
              </div>
            </Paper>
          </li>
        );
      })}
    </Stack>
  );
}
