import { Badge, Group, Paper, Stack, Text, Title } from "@mantine/core";
import { day, percent } from "../../../parts/format";
import type { Catalogue, Importances } from "./data";
import type { FeatureRow } from "./feature-list";

const READS: Record<string, string> = {
  "own bars": "the bars of the symbol itself",
  bars: "the bars of all symbols",
  news: "news",
  fear: "the fear index",
};

/** What a feature is, when it is known, and what the model does with it. */
export function About({
  row,
  catalogue,
  importance,
}: {
  row: FeatureRow;
  catalogue: Catalogue;
  importance: Importances | undefined;
}) {
  const found = importance?.features.find((one) => one.feature === row.name);
  return (
    <Paper withBorder p="md" component="section" aria-label="What this feature is">
      <Stack gap={6}>
        <Group gap="xs">
          <Title order={2} size="h4">
            {row.name}
          </Title>
          <Badge variant="default" tt="none">
            {row.group}
          </Badge>
        </Group>
        <Text size="sm">{row.words.charAt(0).toUpperCase() + row.words.slice(1)}.</Text>
        <Text size="sm">{row.source}.</Text>
        <Text size="sm">
          Reads {READS[row.reads] ?? row.reads}; defined from bar {row.window} on. Its value at a bar is known
          at the close of that bar and uses nothing later.
        </Text>
        <Text size="sm">
          {row.used
            ? `The model trained until ${day(catalogue.trained_until)} sees it${row.flagged ? ", and whether it is missing" : ""}.`
            : catalogue.trained_until
              ? "The model does not see it: the selection inside its training window left it out."
              : "There is no model in this project that could see it."}
          {catalogue.folds > 1 && ` ${row.folds} of ${catalogue.folds} folds of the evaluation used it.`}
          {found &&
            importance &&
            ` It moved ${importance.rows} forecasts of the last ${importance.days} days by ${percent(found.value, 2)} of probability on average (95 % interval ${percent(found.lower, 2)} to ${percent(found.upper, 2)}), ${percent(found.share)} of all that moved them.`}
        </Text>
      </Stack>
    </Paper>
  );
}
