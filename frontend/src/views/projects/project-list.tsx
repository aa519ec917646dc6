import { Anchor, Button, Paper, Stack, Text, Title } from "@mantine/core";
import { IconPlus } from "@tabler/icons-react";
import { Link, useNavigate } from "react-router";
import { type Column, DataTable } from "../../parts/data-table";
import { saveCsv } from "../../parts/export";
import { count, day, moment } from "../../parts/format";
import { useLive } from "../../parts/live";
import { type Project, useProjects } from "../../parts/project-picker";
import { Loaded } from "../../parts/states";
import { ViewPage } from "../../parts/view-page";
import { useMe } from "../../session/session";
import { JOB_WORDS, mayChange } from "./words";

function standing(one: Project): string {
  if (one.job && one.job !== "done") return JOB_WORDS[one.job];
  if (one.skill !== null) return one.skill ? "skill was shown" : "no skill was shown";
  return one.trained ? "trained, not measured" : "not trained";
}

const COLUMNS: Column<Project>[] = [
  {
    key: "title",
    title: "Project",
    render: (one) => (
      <Anchor component={Link} to={`/projects/${one.name}`} size="sm">
        {one.title}
      </Anchor>
    ),
  },
  { key: "standing", title: "How far", render: standing, sort: standing },
  {
    key: "symbols",
    title: "Symbols",
    numeric: true,
    render: (one) => count(one.bars?.symbols),
    sort: (one) => one.bars?.symbols,
  },
  {
    key: "bars",
    title: "Bars",
    numeric: true,
    render: (one) => count(one.bars?.bars),
    sort: (one) => one.bars?.bars,
  },
  {
    key: "span",
    title: "From, to",
    render: (one) => (one.bars ? `${day(one.bars.first)} to ${day(one.bars.last)}` : "–"),
    sort: (one) => one.bars?.last,
  },
  { key: "created", title: "Made", render: (one) => moment(one.created) },
];

/** Every project, and the way to a new one. */
export function ProjectList() {
  const me = useMe();
  const go = useNavigate();
  const query = useProjects();
  useLive(["jobs"], [["projects"]]);
  const rows = query.data ?? [];
  return (
    <ViewPage
      title="Projects"
      lead="Each is a table of prices, a model that learned from it, and how its forecasts did out of sample."
      actions={
        mayChange(me) && (
          <Button
            component={Link}
            to="/projects/new"
            size="xs"
            leftSection={<IconPlus size={15} aria-hidden />}
          >
            New project
          </Button>
        )
      }
      exports={[
        {
          label: "List of projects (CSV)",
          onExport: () =>
            saveCsv(
              "projects.csv",
              rows.map((one) => ({ ...one, ...one.bars, standing: standing(one) })),
              ["name", "title", "standing", "symbols", "bars", "first", "last", "created"],
            ),
        },
      ]}
    >
      <Loaded query={query}>
        {(projects) =>
          projects.length === 0 ? (
            <Paper withBorder p="lg">
              <Stack gap="xs" align="flex-start">
                <Title order={2} size="h4">
                  Begin with a file of prices
                </Title>
                <Text size="sm" maw={640}>
                  A CSV or Parquet file with a row for each bar: symbol, date, open, high, low, close,
                  adj_close, volume. A download of one symbol from Yahoo Finance will do.
                </Text>
                {mayChange(me) && (
                  <Button component={Link} to="/projects/new" size="sm">
                    New project
                  </Button>
                )}
              </Stack>
            </Paper>
          ) : (
            <DataTable
              label="Projects"
              rows={projects}
              columns={COLUMNS}
              rowKey={(one) => one.name}
              onRow={(one) => go(`/projects/${one.name}`)}
            />
          )
        }
      </Loaded>
    </ViewPage>
  );
}
