import { Anchor, Stack, Text } from "@mantine/core";
import type { ReactNode } from "react";
import { Link } from "react-router";
import { type Project, useProject, useProjects } from "../../parts/project-picker";
import { Loaded } from "../../parts/states";
import { SubNav } from "../../parts/sub-nav";
import { ViewPage } from "../../parts/view-page";
import { ANALYST_TABS } from "./tabs";

/** A page of the analyst view over one project: its tabs, the project, and what can be exported. */
export function AnalystPage({
  title,
  lead,
  drop,
  children,
}: {
  title: string;
  lead?: ReactNode;
  drop?: readonly string[];
  children: (project: Project) => ReactNode;
}) {
  const projects = useProjects();
  const [project, picker] = useProject(drop);
  return (
    <ViewPage title={title} lead={lead}>
      <SubNav items={ANALYST_TABS} label="Pages of the analyst view" />
      <Loaded query={projects} height={480}>
        {() => (
          <Stack gap="md">
            {picker}
            {project
              ? children(project)
              : projects.data && (
                  <Text size="sm">
                    There is no project to look at.{" "}
                    <Anchor component={Link} to="/projects">
                      Make one
                    </Anchor>{" "}
                    from a file of bars.
                  </Text>
                )}
          </Stack>
        )}
      </Loaded>
    </ViewPage>
  );
}
