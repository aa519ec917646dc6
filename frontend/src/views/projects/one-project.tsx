import { Anchor, Button, Group, List, Modal, Stack, Text } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate, useParams } from "react-router";
import { api, body } from "../../api/client";
import { count, day, moment } from "../../parts/format";
import { useLive } from "../../parts/live";
import { Failure, Loaded } from "../../parts/states";
import { ViewPage } from "../../parts/view-page";
import { Section } from "../executive/section";
import { JobBox } from "./job";
import type { Detail } from "./words";

/** One project: what it was made of, and its job. */
export default function OneProject() {
  const { name = "" } = useParams();
  useLive(["jobs"], [["project", name], ["projects"]]);
  const query = useQuery({
    queryKey: ["project", name],
    queryFn: () => body(api.GET("/api/projects/{name}", { params: { path: { name } } })),
  });
  const found = query.data;
  return (
    <ViewPage
      title={found?.title ?? name}
      lead={found?.verdict ? `${found.verdict.charAt(0).toUpperCase()}${found.verdict.slice(1)}.` : undefined}
      actions={
        <Button component={Link} to="/projects" size="xs" variant="default">
          All projects
        </Button>
      }
      exports={filesOf(name, found)}
    >
      <Loaded query={query} height={360}>
        {(detail) => (
          <Stack gap="lg">
            {detail.evaluated && (
              <Group gap="xs">
                <Button component={Link} to={`/executive?project=${name}`} size="sm">
                  What the model says
                </Button>
              </Group>
            )}
            <JobBox detail={detail} />
            <About detail={detail} />
            {detail.may_change && <Remove detail={detail} />}
          </Stack>
        )}
      </Loaded>
    </ViewPage>
  );
}

function filesOf(name: string, found?: Detail) {
  const get = (file: string) => () =>
    window.location.assign(`/api/projects/${encodeURIComponent(name)}/files/${file}`);
  return [
    ...(found?.evaluated ? [{ label: "Report of the evaluation (HTML)", onExport: get("report.html") }] : []),
    ...(found && found.left_out > 0
      ? [{ label: "Rows that were left out (CSV)", onExport: get("left-out.csv") }]
      : []),
  ];
}

function About({ detail }: { detail: Detail }) {
  const { bars, asked } = detail;
  return (
    <Section title="What it is made of">
      <List size="sm" spacing={4}>
        {detail.source && (
          <List.Item>
            {detail.source}
            {detail.by ? `, given by ${detail.by}` : ""}
            {detail.created ? `, ${moment(detail.created)}` : ""}
          </List.Item>
        )}
        {bars && (
          <List.Item>
            {count(bars.bars)} {bars.daily ? "daily" : "intraday"} bars of {count(bars.symbols)}{" "}
            {bars.symbols === 1 ? "symbol" : "symbols"}, {day(bars.first)} to {day(bars.last)}
          </List.Item>
        )}
        {detail.understood.map((one) => (
          <List.Item key={one}>{one}</List.Item>
        ))}
        {detail.left_out > 0 && <List.Item>{count(detail.left_out)} faulty rows were left out.</List.Item>}
        {detail.extras.length > 0 && <List.Item>Beside the prices: {detail.extras.join(", ")}.</List.Item>}
        {asked && (
          <List.Item>
            Asked for: {asked.models.join(", ")}; learned from labels known by {day(asked.train_end)}, tested
            from {day(asked.test_start)} on.
          </List.Item>
        )}
      </List>
      {!bars && (
        <Text size="sm" c="dimmed">
          There are no bars in this project. Make it again of a file, on{" "}
          <Anchor component={Link} to="/projects/new">
            New project
          </Anchor>
          .
        </Text>
      )}
    </Section>
  );
}

function Remove({ detail }: { detail: Detail }) {
  const [open, box] = useDisclosure(false);
  const go = useNavigate();
  const client = useQueryClient();
  const remove = useMutation({
    mutationFn: () => api.DELETE("/api/projects/{name}", { params: { path: { name: detail.name } } }),
    onSuccess: () => {
      client.removeQueries({ queryKey: ["project", detail.name] });
      void client.invalidateQueries({ queryKey: ["projects"] });
      go("/projects");
    },
  });
  return (
    <>
      <Group>
        <Button size="xs" variant="subtle" color="red" onClick={box.open}>
          Remove this project
        </Button>
      </Group>
      <Modal opened={open} onClose={box.close} title={`Remove ${detail.title}?`}>
        <Stack>
          <Text size="sm">
            Its prices, its model, its forecasts and its report are deleted from this machine. This cannot be
            undone.
          </Text>
          {remove.error && <Failure error={remove.error} />}
          <Group justify="flex-end">
            <Button variant="default" onClick={box.close} data-autofocus>
              Keep it
            </Button>
            <Button color="red" loading={remove.isPending} onClick={() => remove.mutate()}>
              Remove it
            </Button>
          </Group>
        </Stack>
      </Modal>
    </>
  );
}
