import { Button, Group, SimpleGrid, Stack, Text } from "@mantine/core";
import { IconPrinter } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { saveCsv } from "../../parts/export";
import { day } from "../../parts/format";
import { useLive } from "../../parts/live";
import { PROJECTS, useProject, useProjects } from "../../parts/project-picker";
import { Loaded } from "../../parts/states";
import { ViewPage } from "../../parts/view-page";
import { type Summary, summaryOf } from "./data";
import { Forecasts } from "./forecasts";
import { InService } from "./in-service";
import { KeepInMind } from "./keep-in-mind";
import { Money } from "./money";
import { NoProject } from "./no-project";
import { Calibration, Periods } from "./record";
import { Figures, VerdictBox } from "./verdict";

const FORECAST_COLUMNS = [
  "symbol",
  "name",
  "sector",
  "date",
  "probability",
  "side",
  "strength",
  "expected_return",
  "lower",
  "upper",
  "why",
] as const;

/** What the model says now, how sure it is, how it did, and what to keep in mind; whether skill was shown comes first. */
export default function View() {
  const projects = useProjects();
  const [project, picker] = useProject();
  const name = project?.name;
  const asked = summaryOf(name ?? "");
  useLive(["jobs", "forecasts"], [asked.queryKey, PROJECTS.queryKey]);
  const summary = useQuery({ ...asked, enabled: name !== undefined });
  const found = summary.data;
  return (
    <ViewPage
      title="Executive"
      lead={
        found?.as_of
          ? `${found.title}: what the model says at the close of ${day(found.as_of)}, and whether to believe it.`
          : "What the model says, and whether to believe it."
      }
      actions={
        <Group gap="xs">
          {picker}
          <Button
            size="xs"
            variant="default"
            leftSection={<IconPrinter size={15} aria-hidden />}
            onClick={() => window.print()}
          >
            Print
          </Button>
        </Group>
      }
      exports={found ? exportsOf(found) : []}
    >
      {projects.data === undefined ? (
        <Loaded query={projects} height={480}>
          {() => null}
        </Loaded>
      ) : projects.data.length === 0 ? (
        <NoProject />
      ) : name === undefined ? (
        <Text size="sm">The link names a project that is not here. Choose another.</Text>
      ) : (
        <Loaded query={summary} height={480}>
          {(data) => <Page summary={data} />}
        </Loaded>
      )}
    </ViewPage>
  );
}

function Page({ summary }: { summary: Summary }) {
  return (
    <Stack gap="lg">
      <VerdictBox summary={summary} />
      <Figures summary={summary} />
      <Forecasts summary={summary} />
      <SimpleGrid cols={{ base: 1, lg: 2 }} spacing="lg">
        <Periods summary={summary} />
        <Money summary={summary} />
        <Calibration summary={summary} />
        <KeepInMind summary={summary} />
        <InService project={summary.project} />
      </SimpleGrid>
    </Stack>
  );
}

function exportsOf(summary: Summary) {
  const name = summary.project;
  const own = [
    {
      label: "Forecasts (CSV)",
      onExport: () => saveCsv(`${name}-forecasts.csv`, summary.forecasts, FORECAST_COLUMNS),
    },
    { label: "This page (PDF, by printing)", onExport: () => window.print() },
  ];
  const report = {
    label: "Full report of the evaluation (HTML)",
    onExport: () => window.location.assign(`/api/projects/${encodeURIComponent(name)}/files/report.html`),
  };
  return summary.report ? [...own, report] : own;
}
