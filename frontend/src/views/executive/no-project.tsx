import { Anchor, Paper, Stack, Text, Title } from "@mantine/core";
import { Link } from "react-router";

/** What to do where there is no project yet. */
export function NoProject() {
  return (
    <Paper withBorder p="lg">
      <Stack gap="xs" align="flex-start">
        <Title order={2} size="h4">
          There is no project yet
        </Title>
        <Text size="sm" maw={640}>
          A project is a table of prices, a model that learned from them, and how its forecasts did. An
          analyst makes one of a file on the page{" "}
          <Anchor component={Link} to="/projects">
            Projects
          </Anchor>
          .
        </Text>
      </Stack>
    </Paper>
  );
}
