import { Paper, SimpleGrid, Text } from "@mantine/core";
import { IconAlertTriangle, IconCircleCheck, IconExclamationCircle } from "@tabler/icons-react";
import type { ReactNode } from "react";
import type { Tone } from "./charts/palette";

const SIGNS = {
  good: <IconCircleCheck size={16} color="var(--tw-good)" role="img" aria-label="Good" />,
  bad: <IconExclamationCircle size={16} color="var(--tw-bad)" role="img" aria-label="Bad" />,
  warning: <IconAlertTriangle size={16} color="var(--tw-warning)" role="img" aria-label="Warning" />,
  neutral: null,
  accent: null,
} as const;

/** One number that matters: what it is, what it is worth, and where it comes from. */
export function Stat({
  label,
  value,
  hint,
  tone = "neutral",
}: {
  label: string;
  value: ReactNode;
  hint?: ReactNode;
  tone?: Tone;
}) {
  return (
    <Paper withBorder p="sm" component="section" aria-label={label} miw={0}>
      <Text size="xs" c="dimmed">
        {label}
      </Text>
      <Text
        component="div"
        fw={650}
        fz={22}
        lh={1.25}
        style={{ fontVariantNumeric: "tabular-nums", overflowWrap: "anywhere" }}
      >
        {value} {SIGNS[tone]}
      </Text>
      {hint && (
        <Text component="div" size="xs" c="dimmed">
          {hint}
        </Text>
      )}
    </Paper>
  );
}

/** Numbers side by side: two on a phone, more where there is room. */
export function Stats({ children, cols = 4 }: { children: ReactNode; cols?: number }) {
  return (
    <SimpleGrid cols={{ base: 2, sm: Math.min(3, cols), lg: cols }} spacing="sm" verticalSpacing="sm">
      {children}
    </SimpleGrid>
  );
}
