import { Anchor, Grid, Group, Select, Stack, Tabs, Text } from "@mantine/core";
import { useMemo, useState } from "react";
import { Link, useNavigate, useParams } from "react-router";
import { moment } from "../../../parts/format";
import { useLive } from "../../../parts/live";
import { Rating } from "../../../parts/rating";
import { Loaded } from "../../../parts/states";
import { useUrlState } from "../../../parts/url-state";
import { ViewPage } from "../../../parts/view-page";
import { CHANGING, useAct, useCase, useEvidence } from "../api";
import { KeyHelp, type Shortcut, useShortcuts } from "../keys";
import { Deadline, StateMark, TierMark } from "../marks";
import { Replay } from "../replay";
import { type CaseEvidence, chance, plain, precise, type SurveilCase } from "../words";
import { Decide } from "./decide";
import { Evidence } from "./evidence";
import { useCaseFiles } from "./files";
import { Regulation } from "./regulation";
import { Trail } from "./trail";
import { Why } from "./why";

const PARTS = ["why", "evidence", "replay", "rules", "trail"] as const;
type Part = (typeof PARTS)[number];
const NAMES: Record<Part, string> = {
  why: "What and why",
  evidence: "Evidence",
  replay: "Replay",
  rules: "Rules and checks",
  trail: "Trail",
};

/** One case: what it is about, why it was raised, the market as it was, and what is decided. */
export default function CasePage() {
  const { id = "" } = useParams();
  const query = useCase(id);
  useLive(["cases"], CHANGING);
  if (query.data) return <Shown key={id} data={query.data} />;
  return (
    <ViewPage title={`Case ${id}`}>
      <Back />
      <Loaded query={query} height={420}>
        {() => null}
      </Loaded>
    </ViewPage>
  );
}

function Back() {
  return (
    <Anchor component={Link} to="/surveillance/cases" size="sm">
      All cases
    </Anchor>
  );
}

function Shown({ data }: { data: SurveilCase }) {
  const { row } = data;
  const [part, setPart] = useUrlState("part", "why");
  const [wanted, setWanted] = useUrlState("alert", data.alerts[0]?.id ?? "");
  const alert = data.alerts.find((one) => one.id === wanted) ?? data.alerts[0];
  const evidence = useEvidence(row.id, alert?.id ?? "", alert?.revision ?? 0);
  const act = useAct(row.id);
  const [help, setHelp] = useState(false);
  const navigate = useNavigate();
  const files = useCaseFiles(row.id, evidence.data);
  const may = useMemo(() => new Map(data.may.map((one) => [one.doing, one])), [data.may]);
  const shown = PARTS.find((one) => one === part) ?? "why";
  const shortcuts: Shortcut[] = [
    ...PARTS.map((one, i) => ({
      keys: [String(i + 1)],
      shown: String(i + 1),
      does: NAMES[one],
      run: () => setPart(one),
    })),
    {
      keys: ["t"],
      shown: "t",
      does: "Take the case up",
      run: () => may.get("take")?.allowed && act.mutate({ doing: "take" }),
    },
    { keys: ["u"], shown: "u", does: "Back to all cases", run: () => navigate("/surveillance/cases") },
    { keys: ["?"], shown: "?", does: "Show these keys", run: () => setHelp(true) },
  ];
  useShortcuts(shortcuts);

  return (
    <ViewPage
      title={`${row.id}: ${row.title}`}
      lead={
        <Group gap="sm" mt={4}>
          <TierMark tier={row.tier} />
          <Deadline row={row} now={Date.parse(data.now)} />
          <span>
            <StateMark row={row} />
            {row.assignee ? `, with ${row.assignee}` : ", with nobody"}
          </span>
          <Back />
        </Group>
      }
      exports={files}
    >
      <Grid gap="lg">
        <Grid.Col span={{ base: 12, lg: 8.5 }}>
          <Stack gap="md">
            <AlertChoice data={data} chosen={alert?.id ?? ""} onChoose={setWanted} />
            <Tabs value={shown} onChange={(value) => setPart(value ?? "why")} keepMounted={false}>
              <Tabs.List>
                {PARTS.map((one) => (
                  <Tabs.Tab key={one} value={one} px="sm">
                    {NAMES[one]}
                  </Tabs.Tab>
                ))}
              </Tabs.List>
              <Tabs.Panel value="why" pt="md">
                <WithEvidence query={evidence}>{(found) => <Why evidence={found} />}</WithEvidence>
              </Tabs.Panel>
              <Tabs.Panel value="evidence" pt="md">
                <WithEvidence query={evidence}>{(found) => <Evidence evidence={found} />}</WithEvidence>
              </Tabs.Panel>
              <Tabs.Panel value="replay" pt="md">
                {alert && <Replay key={alert.id} id={row.id} alert={alert} evidence={evidence.data} />}
              </Tabs.Panel>
              <Tabs.Panel value="rules" pt="md">
                <WithEvidence query={evidence}>{(found) => <Regulation evidence={found} />}</WithEvidence>
              </Tabs.Panel>
              <Tabs.Panel value="trail" pt="md">
                <Trail data={data} />
              </Tabs.Panel>
            </Tabs>
          </Stack>
        </Grid.Col>
        <Grid.Col span={{ base: 12, lg: 3.5 }}>
          <Stack gap="md">
            <Decide data={data} act={act} />
            <About data={data} />
            <Rating
              kind="case"
              subject={row.id}
              question="Was this case worth looking at?"
              context={{ tier: row.tier, schemes: row.schemes, layer: "surveillance case" }}
            />
          </Stack>
        </Grid.Col>
      </Grid>
      <KeyHelp shortcuts={shortcuts} opened={help} onClose={() => setHelp(false)} />
    </ViewPage>
  );
}

function WithEvidence({
  query,
  children,
}: {
  query: ReturnType<typeof useEvidence>;
  children: (found: CaseEvidence) => React.ReactNode;
}) {
  return (
    <Loaded query={query} height={420}>
      {children}
    </Loaded>
  );
}

function AlertChoice({
  data,
  chosen,
  onChoose,
}: {
  data: SurveilCase;
  chosen: string;
  onChoose: (id: string) => void;
}) {
  if (data.alerts.length === 0) return <Text size="sm">The case has no alert.</Text>;
  const words = (one: SurveilCase["alerts"][number]) =>
    `${plain(one.scheme)} in ${one.symbol}, ${precise(one.start, 0)}, ${chance(one.score)}`;
  const only = data.alerts.length === 1 ? data.alerts[0] : undefined;
  if (only)
    return (
      <Text size="sm" c="dimmed">
        One alert: {words(only)}, from {precise(only.start)} to {precise(only.end)} UTC
      </Text>
    );
  return (
    <Select
      label={`Alert (${data.alerts.length} were merged into this case)`}
      data={data.alerts.map((one) => ({ value: one.id, label: words(one) }))}
      value={chosen}
      onChange={(value) => value && onChoose(value)}
      allowDeselect={false}
      maw={560}
    />
  );
}

function About({ data }: { data: SurveilCase }) {
  const { row } = data;
  const cases = (ids: readonly string[]) => (
    <>
      {ids.map((id, i) => (
        <span key={id}>
          {i > 0 && ", "}
          <Anchor component={Link} to={`/surveillance/cases/${id}`} size="sm">
            {id}
          </Anchor>
        </span>
      ))}
    </>
  );
  const facts: [string, React.ReactNode][] = [
    ["Schemes", row.schemes.map(plain).join(", ")],
    ["Symbols", row.symbols.join(", ")],
    ["Accounts", data.accounts.join(", ")],
    ["Evidence from", `${precise(row.first)} UTC`],
    ["to", `${precise(row.last)} UTC`],
    ["Opened", moment(row.opened_at)],
    ["Take up by", moment(row.respond_by)],
    ["Taken up", row.taken_at ? moment(row.taken_at) : "not yet"],
  ];
  if (data.follows.length > 0) facts.push(["Follows", cases(data.follows)]);
  if (data.related.length > 0) facts.push(["Shares accounts with", cases(data.related)]);
  if (row.closed_at) facts.push(["Closed", `${moment(row.closed_at)} by ${data.confirmed_by}`]);
  return (
    <section aria-label="About the case">
      <Stack gap={6} component="dl" m={0}>
        {facts.map(([name, value]) => (
          <div key={name}>
            <Text component="dt" size="xs" c="dimmed">
              {name}
            </Text>
            <Text component="dd" size="sm" m={0} style={{ overflowWrap: "anywhere" }}>
              {value}
            </Text>
          </div>
        ))}
      </Stack>
    </section>
  );
}
