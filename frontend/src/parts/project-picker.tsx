import { Select } from "@mantine/core";
import { IconFolders } from "@tabler/icons-react";
import { queryOptions, useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { useSearchParams } from "react-router";
import { api, body, type Shapes } from "../api/client";

export type Project = Shapes["ProjectBrief"];

/** The question for the projects there are; shared by every page that asks for them. */
export const PROJECTS = queryOptions({
  queryKey: ["projects"],
  queryFn: () => body(api.GET("/api/projects")),
});

/** The projects there are. */
export function useProjects(enabled = true) {
  return useQuery({ ...PROJECTS, enabled });
}

/** The project a page opens with: the one named, null where there is none of that name; without a name the first that
 * was evaluated, else the first. */
export function chosenOf(projects: readonly Project[], named: string | null): Project | null {
  if (named) return projects.find((one) => one.name === named) ?? null;
  return projects.find((one) => one.evaluated) ?? projects[0] ?? null;
}

/**
 * The project that a page shows, and the box to choose it by. Its name is kept in the address (`?project=`), so that a
 * link opens the same one; changing it drops what the address says of the other project's parts (`drop`).
 */
export function useProject(drop: readonly string[] = []): [Project | null, ReactNode] {
  const query = useProjects();
  const [params, setParams] = useSearchParams();
  const projects = query.data ?? [];
  const named = params.get("project");
  const project = chosenOf(projects, named);

  function choose(name: string | null) {
    if (name === null) return;
    setParams(
      (before) => {
        const after = new URLSearchParams(before);
        for (const key of drop) after.delete(key);
        after.set("project", name);
        return after;
      },
      { replace: true },
    );
  }

  const picker = (
    <Select
      aria-label="Project"
      leftSection={<IconFolders size={15} aria-hidden />}
      size="xs"
      w={220}
      maw="100%"
      allowDeselect={false}
      searchable={projects.length > 8}
      placeholder={query.isPending ? "Loading" : "No project yet"}
      disabled={projects.length === 0}
      data={projects.map((one) => ({ value: one.name, label: one.title }))}
      value={project?.name ?? null}
      onChange={choose}
      error={query.data && named && !project ? `There is no project called ${named}` : undefined}
    />
  );
  return [project, picker];
}
