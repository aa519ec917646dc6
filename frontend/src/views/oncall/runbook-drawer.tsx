import { Button, Code, Drawer, Stack, Text, Title } from "@mantine/core";
import { IconBook2 } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Fragment } from "react";
import { api, body } from "../../api/client";
import { Loaded } from "../../parts/states";
import { useUrlState } from "../../parts/url-state";

/** Opens a section of the run-book; the section is in the address, so that the link shows it too. */
export function RunbookButton({ section, label }: { section: string; label?: string }) {
  const [, open] = useUrlState("runbook");
  return (
    <Button
      size="compact-xs"
      variant="subtle"
      leftSection={<IconBook2 size={14} aria-hidden />}
      onClick={(event) => {
        event.stopPropagation();
        open(section);
      }}
      aria-label={label ? `Run-book: ${label}` : `Run-book: ${section.replaceAll("-", " ")}`}
    >
      Run-book
    </Button>
  );
}

/** The section of the run-book that the address names, beside the page. */
export function RunbookDrawer() {
  const [section, setSection] = useUrlState("runbook");
  const query = useQuery({
    queryKey: ["oncall", "runbook", section],
    queryFn: () => body(api.GET("/api/oncall/runbook/{section}", { params: { path: { section } } })),
    enabled: section !== "",
    staleTime: Number.POSITIVE_INFINITY,
  });
  return (
    <Drawer
      opened={section !== ""}
      onClose={() => setSection("")}
      position="right"
      size="md"
      title="Run-book"
      closeButtonProps={{ "aria-label": "Close the run-book" }}
    >
      <Loaded query={query}>
        {(found) => (
          <Stack gap="sm">
            <div>
              <Text size="xs" c="dimmed">
                {found.page}
              </Text>
              <Title order={2} size="h3">
                {found.title}
              </Title>
            </div>
            {found.text && <Marked text={found.text} />}
            {found.entries.map((entry) => (
              <div key={entry.label}>
                <Text fw={650} size="sm">
                  {entry.label}
                </Text>
                <Marked text={entry.text} />
              </div>
            ))}
          </Stack>
        )}
      </Loaded>
    </Drawer>
  );
}

/** Text with `commands` and *stress*, as the run-book writes them. */
export function Marked({ text }: { text: string }) {
  return (
    <Text size="sm" style={{ overflowWrap: "anywhere" }}>
      {text.split(/(`[^`]+`|\*[^*]+\*)/).map((part, i) => {
        const key = i;
        if (part.startsWith("`")) return <Code key={key}>{part.slice(1, -1)}</Code>;
        if (part.startsWith("*")) return <em key={key}>{part.slice(1, -1)}</em>;
        return <Fragment key={key}>{part}</Fragment>;
      })}
    </Text>
  );
}
