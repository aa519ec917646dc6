import { Paper, Stack, Text, Title } from "@mantine/core";
import { type ReactNode, useId } from "react";

/** A part of the page: its title, what its numbers mean, and the numbers. */
export function Section({ title, says, children }: { title: string; says?: ReactNode; children: ReactNode }) {
  const id = useId();
  return (
    <Paper withBorder p="md" component="section" aria-labelledby={id} miw={0} className="tw-section">
      <Stack gap="sm">
        <div>
          <Title order={2} size="h4" id={id}>
            {title}
          </Title>
          {says && (
            <Text component="div" size="sm" c="dimmed" maw={760}>
              {says}
            </Text>
          )}
        </div>
        {children}
      </Stack>
    </Paper>
  );
}
