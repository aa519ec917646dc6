import { Alert, Button, Group, Stack, Text } from "@mantine/core";
import { IconKeyboard } from "@tabler/icons-react";
import { useEffect, useMemo, useRef, useState } from "react";
import { useNavigate } from "react-router";
import type { Shapes } from "../../../api/client";
import { saveCsv } from "../../../parts/export";
import { useLive } from "../../../parts/live";
import { Loaded } from "../../../parts/states";
import { SubNav } from "../../../parts/sub-nav";
import { useUrlFlag, useUrlState } from "../../../parts/url-state";
import { ViewPage } from "../../../parts/view-page";
import { CHANGING, useQueue } from "../api";
import { KeyHelp, type Shortcut, useShortcuts } from "../keys";
import { TABS } from "../tabs";
import type { CaseRow } from "../words";
import { BulkBar } from "./bulk-bar";
import { CaseTable } from "./case-table";
import { FilterBar } from "./filter-bar";
import { type Filters, filtered, type SortBy, sorted } from "./filters";

const CSV = [
  "id",
  "title",
  "tier",
  "state",
  "score",
  "schemes",
  "symbols",
  "account_count",
  "alert_count",
  "first",
  "last",
  "opened_at",
  "respond_by",
  "overdue",
  "taken_at",
  "assignee",
  "proposed_by",
  "proposed",
  "outcome",
  "closed_at",
] as const satisfies readonly (keyof CaseRow)[];

/** The queue of cases: what must be looked at, by whom, by when. */
export default function Queue() {
  const [closed, setClosed] = useUrlFlag("closed");
  const query = useQueue(closed);
  useLive(["cases"], CHANGING);
  const rows = useRef<readonly CaseRow[]>([]);
  return (
    <ViewPage
      title="Cases of suspected manipulation"
      lead="Alerts that tell of one matter are one case. A case is a suspicion with a probability; two people decide it."
      exports={[{ label: "Cases shown, as CSV", onExport: () => saveCsv("cases.csv", rows.current, CSV) }]}
    >
      <SubNav items={TABS} />
      <Loaded query={query} height={420}>
        {(data) => (
          <Shown
            data={data}
            closed={closed}
            onClosed={setClosed}
            tell={(now) => {
              rows.current = now;
            }}
          />
        )}
      </Loaded>
    </ViewPage>
  );
}

function useFilters(): [Filters, (name: keyof Filters, value: string) => void] {
  const tier = useUrlState("tier");
  const scheme = useUrlState("scheme");
  const state = useUrlState("state");
  const symbol = useUrlState("symbol");
  const who = useUrlState("who");
  const text = useUrlState("q");
  const late = useUrlState("late", "0");
  const all = { tier, scheme, state, symbol, who, text, late };
  const filters: Filters = {
    tier: tier[0],
    scheme: scheme[0],
    state: state[0],
    symbol: symbol[0],
    who: who[0],
    text: text[0],
    late: late[0] === "1",
  };
  return [filters, (name, value) => all[name][1](value)];
}

function Shown(props: {
  data: Shapes["CaseQueue"];
  closed: boolean;
  onClosed: (on: boolean) => void;
  tell: (rows: readonly CaseRow[]) => void;
}) {
  const { data, tell } = props;
  const [filters, change] = useFilters();
  const [sort, setSort] = useUrlState("sort", "queue");
  const [current, setCurrent] = useUrlState("case");
  const [picked, setPicked] = useState<ReadonlySet<string>>(new Set());
  const [help, setHelp] = useState(false);
  const navigate = useNavigate();
  const search = useRef<HTMLInputElement>(null);
  const box = useRef<HTMLDivElement>(null);
  const assign = useRef<() => void>(() => {});
  const take = useRef<() => void>(() => {});
  /** The case that keys have moved to; the address, and with it `current`, follows a little later. */
  const moved = useRef("");
  const key = JSON.stringify(filters);
  const rows = useMemo(() => sorted(filtered(data.cases, filters), sort as SortBy), [data.cases, key, sort]);
  useEffect(() => {
    tell(rows);
  }, [rows, tell]);

  useEffect(() => {
    if (!current || moved.current !== current) return;
    const row = box.current?.querySelector<HTMLElement>('tr[aria-current="true"]');
    row?.focus({ preventScroll: true });
    row?.scrollIntoView({ block: "nearest" });
  }, [current]);

  const open = (id: string) => navigate(`/surveillance/cases/${id}`);
  const move = (step: number) => {
    const from = moved.current || current;
    const place = rows.findIndex((row) => row.id === from);
    const next = rows[Math.max(0, Math.min(rows.length - 1, place < 0 ? 0 : place + step))];
    if (!next) return;
    moved.current = next.id;
    setCurrent(next.id);
  };
  const pick = (id: string) => {
    const next = new Set(picked);
    if (!next.delete(id)) next.add(id);
    setPicked(next);
  };
  const shortcuts: Shortcut[] = [
    { keys: ["j"], shown: "j", does: "Next case", run: () => move(1) },
    { keys: ["k"], shown: "k", does: "Previous case", run: () => move(-1) },
    { keys: ["Enter", "o"], shown: "Enter or o", does: "Open the case", run: () => current && open(current) },
    { keys: ["x"], shown: "x", does: "Select the case, or no longer", run: () => current && pick(current) },
    { keys: ["t"], shown: "t", does: "Take up the selected cases, else this one", run: () => take.current() },
    { keys: ["a"], shown: "a", does: "Assign them to somebody", run: () => assign.current() },
    { keys: ["/"], shown: "/", does: "Find", run: () => search.current?.focus() },
    { keys: ["Escape"], shown: "Esc", does: "Select none", run: () => setPicked(new Set()) },
    { keys: ["?"], shown: "?", does: "Show these keys", run: () => setHelp(true) },
  ];
  useShortcuts(shortcuts);
  const chosen =
    picked.size > 0
      ? rows.filter((row) => picked.has(row.id)).map((row) => row.id)
      : current
        ? [current]
        : [];

  return (
    <Stack gap="sm" ref={box}>
      {data.acting_problem && (
        <Alert color="gray" variant="light" title="You can look, but not act">
          {data.acting_problem}
        </Alert>
      )}
      <FilterBar
        rows={data.cases}
        filters={filters}
        change={change}
        sort={sort as SortBy}
        onSort={setSort}
        closed={props.closed}
        onClosed={props.onClosed}
        me={data.acting_as}
        search={search}
      />
      <Group justify="space-between" gap="xs">
        <Text size="sm" role="status">
          {rows.length} of {data.total} {props.closed ? "cases" : "open cases"}
          {picked.size > 0 && `, ${picked.size} selected`}
        </Text>
        <Group gap="xs">
          <BulkBar
            data={data}
            cases={chosen}
            take={take}
            assign={assign}
            onDone={() => setPicked(new Set())}
          />
          <Button
            size="xs"
            variant="subtle"
            leftSection={<IconKeyboard size={15} aria-hidden />}
            onClick={() => setHelp(true)}
          >
            Keys
          </Button>
        </Group>
      </Group>
      <CaseTable
        rows={rows}
        now={Date.parse(data.now)}
        current={current}
        picked={picked}
        onPick={pick}
        onOpen={open}
      />
      <KeyHelp shortcuts={shortcuts} opened={help} onClose={() => setHelp(false)} />
    </Stack>
  );
}
