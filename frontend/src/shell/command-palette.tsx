import "@mantine/spotlight/styles.css";
import { useMantineColorScheme } from "@mantine/core";
import { Spotlight, type SpotlightActionData, type SpotlightActionGroupData } from "@mantine/spotlight";
import { IconArrowRight, IconBolt, IconChartCandle, IconSearch } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useLocation, useNavigate } from "react-router";
import { api, body } from "../api/client";
import { chosenOf, useProjects } from "../parts/project-picker";
import { useMe } from "../session/session";
import { VIEWS } from "../views/routes";
import { LOOKS, projectsOf, settingsOf } from "./places";

/** Go anywhere by typing: views and their pages, the symbols of the project, what can be done everywhere. */
export default function CommandPalette({ onLeave, onKeys }: { onLeave: () => void; onKeys: () => void }) {
  const me = useMe();
  const navigate = useNavigate();
  const { setColorScheme } = useMantineColorScheme();
  const [opened, setOpened] = useState(false);
  const symbols = useSymbols(opened && me.views.includes("analyst"));

  const pages = VIEWS.filter((view) => me.views.includes(view.name)).flatMap((view) => [
    { to: `/${view.name}`, label: view.label, of: "View" },
    ...LOOKS[view.name].tabs.map((tab) => ({ ...tab, of: view.label })),
  ]);
  const settings = [
    ...projectsOf(me).map((place) => ({ ...place, of: "Prices, models and their jobs" })),
    ...settingsOf(me).map((place) => ({ ...place, of: "Settings" })),
  ];
  const groups: SpotlightActionGroupData[] = [
    {
      group: "Pages",
      actions: [...pages, ...settings].map(
        ({ to, label, of }): SpotlightActionData => ({
          id: to,
          label,
          description: of,
          keywords: [of, to],
          leftSection: <IconArrowRight size={17} aria-hidden />,
          onClick: () => navigate(to),
        }),
      ),
    },
    {
      group: "Symbols",
      actions: symbols.map(
        ({ project, symbol }): SpotlightActionData => ({
          id: `symbol ${symbol}`,
          label: symbol,
          description: `Bars and forecasts in ${project}`,
          leftSection: <IconChartCandle size={17} aria-hidden />,
          onClick: () => navigate(`/analyst/market?${new URLSearchParams({ project, symbol })}`),
        }),
      ),
    },
    {
      group: "Do",
      actions: [
        { id: "light", label: "Light colours", onClick: () => setColorScheme("light") },
        { id: "dark", label: "Dark colours", onClick: () => setColorScheme("dark") },
        { id: "auto", label: "Colours as the system has them", onClick: () => setColorScheme("auto") },
        { id: "keys", label: "Show the keyboard shortcuts", onClick: onKeys },
        { id: "leave", label: "Log out", onClick: onLeave },
      ].map(
        (action): SpotlightActionData => ({ ...action, leftSection: <IconBolt size={17} aria-hidden /> }),
      ),
    },
  ];

  return (
    <Spotlight
      actions={groups.filter((group) => group.actions.length > 0)}
      shortcut={["mod + K"]}
      tagsToIgnore={[]}
      nothingFound="Nothing is called that."
      highlightQuery
      limit={12}
      scrollable
      maxHeight={420}
      onSpotlightOpen={() => setOpened(true)}
      searchProps={{
        "aria-label": "Search pages, symbols and actions",
        placeholder: "Page, symbol or action",
        leftSection: <IconSearch size={18} aria-hidden />,
      }}
    />
  );
}

/** The symbols of the project that is open, or of the first; asked for when the palette is first opened. */
function useSymbols(wanted: boolean): { project: string; symbol: string }[] {
  const { search } = useLocation();
  const projects = useProjects(wanted);
  const project = chosenOf(projects.data ?? [], new URLSearchParams(search).get("project"))?.name ?? "";
  const market = useQuery({
    queryKey: ["palette", "symbols", project],
    enabled: wanted && project !== "",
    staleTime: 300_000,
    queryFn: () => body(api.GET("/api/analyst/market/{project}", { params: { path: { project } } })),
  });
  return (market.data?.symbols ?? []).map(({ symbol }) => ({ project, symbol }));
}
