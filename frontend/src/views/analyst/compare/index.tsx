import { Group, Select, Stack } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { api, body } from "../../../api/client";
import { saveCsv, saveJson } from "../../../parts/export";
import { useProject, useProjects } from "../../../parts/project-picker";
import { Loaded } from "../../../parts/states";
import { SubNav } from "../../../parts/sub-nav";
import { useUrlState } from "../../../parts/url-state";
import { ViewPage } from "../../../parts/view-page";
import { ANALYST_TABS } from "../tabs";
import { dayRows, MODEL_COLUMNS, pairOf } from "./chosen";
import { Models } from "./models";
import { Pair } from "./pair";

/** Complex models beside simple ones: is the complexity worth it? */
export default function Page() {
  const [project, picker] = useProject(["first", "second", "other"]);
  const projects = useProjects();
  const name = project?.name;
  const [first, setFirst] = useUrlState("first");
  const [second, setSecond] = useUrlState("second");
  const [other, setOther] = useUrlState("other");
  const models = useModels(name);
  const others = useModels(other || undefined);
  const theirs = other ? others.data : models.data;
  const pair = pairOf(models.data, theirs, { first, second });
  const found = useQuery({
    queryKey: ["compare", "pair", name, other, pair],
    queryFn: ({ signal }) =>
      body(
        api.GET("/api/analyst/compare/pair", {
          params: {
            query: {
              project: name ?? "",
              first: pair?.first ?? "",
              second: pair?.second ?? "",
              other: other || undefined,
            },
          },
          signal,
        }),
      ),
    enabled: name !== undefined && pair !== null,
    staleTime: 300_000,
  });

  const exports = [
    ...(models.data
      ? [
          {
            label: "Models (CSV)",
            onExport: () => saveCsv(`models-${name}.csv`, models.data.models, MODEL_COLUMNS),
          },
        ]
      : []),
    ...(found.data
      ? [
          {
            label: "The two by day (CSV)",
            onExport: () =>
              saveCsv(`${found.data.first}-${found.data.second}.csv`, dayRows(found.data), [
                "day",
                "right",
                "brier",
                "same",
              ]),
          },
          {
            label: "The two (JSON)",
            onExport: () => saveJson(`${found.data.first}-${found.data.second}.json`, found.data),
          },
        ]
      : []),
  ];

  return (
    <ViewPage
      title="Compare"
      lead="Every model on the same bars out of sample, from the plainest rule to the ensemble. Accuracy has an interval that redraws whole days; Sharpe ratios are a year, after costs."
      exports={exports}
    >
      <SubNav items={ANALYST_TABS} />
      <Group gap="sm" align="flex-end">
        {picker}
      </Group>
      {name && (
        <Loaded query={models} height={320}>
          {(data) => (
            <Stack gap="md">
              <Models of={data} />
              <Group gap="sm" align="flex-end">
                <Select
                  label="First"
                  size="xs"
                  w={170}
                  allowDeselect={false}
                  data={data.paired}
                  value={pair?.first ?? null}
                  disabled={data.paired.length === 0}
                  onChange={(to) => to && setFirst(to)}
                />
                <Select
                  label="Second"
                  size="xs"
                  w={170}
                  allowDeselect={false}
                  data={(theirs?.paired ?? []).filter((one) => other || one !== pair?.first)}
                  value={pair?.second ?? null}
                  disabled={!theirs || theirs.paired.length === 0}
                  onChange={(to) => to && setSecond(to)}
                />
                <Select
                  label="The second is of"
                  size="xs"
                  w={220}
                  clearable
                  placeholder="the same project"
                  data={(projects.data ?? [])
                    .filter((one) => one.name !== name)
                    .map((one) => ({ value: one.name, label: one.title }))}
                  value={other || null}
                  onChange={(to) => setOther(to ?? "")}
                />
              </Group>
              {pair ? (
                <Loaded query={found} height={320}>
                  {(two) => <Pair of={two} />}
                </Loaded>
              ) : null}
            </Stack>
          )}
        </Loaded>
      )}
    </ViewPage>
  );
}

function useModels(project: string | undefined) {
  return useQuery({
    queryKey: ["compare", "models", project],
    queryFn: ({ signal }) =>
      body(api.GET("/api/analyst/compare/models", { params: { query: { project: project ?? "" } }, signal })),
    enabled: project !== undefined,
    staleTime: 60_000,
  });
}
