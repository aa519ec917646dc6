import { Button, Group, Select, Stack, Text, TextInput } from "@mantine/core";
import { keepPreviousData, useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { useNavigate } from "react-router";
import { api, body, type Shapes } from "../../../api/client";
import { type Column, DataTable } from "../../../parts/data-table";
import { saveBlob, saveCsv } from "../../../parts/export";
import { count, moment } from "../../../parts/format";
import { useLive } from "../../../parts/live";
import { Loaded } from "../../../parts/states";
import { SubNav } from "../../../parts/sub-nav";
import { useUrlState } from "../../../parts/url-state";
import { ViewPage } from "../../../parts/view-page";
import { COMPLIANCE_TABS } from "../tabs";
import { LogState } from "./log-state";
import { type Conditions, FIELDS, given } from "./search";
import { useTyped } from "./typed";

type Row = Shapes["AuditRow"];

const COLUMNS: Column<Row>[] = [
  { key: "seq", title: "Entry", numeric: true, width: 84, sort: false },
  {
    key: "at",
    title: "Written",
    sort: false,
    width: 170,
    render: (row) => <span style={{ whiteSpace: "nowrap" }}>{moment(row.at)}</span>,
  },
  { key: "kind", title: "Kind", sort: false },
  { key: "model", title: "Model", sort: false },
  { key: "symbol", title: "Symbol", sort: false },
  { key: "by", title: "By", sort: false },
  {
    key: "words",
    title: "Says",
    sort: false,
    width: "60%",
    render: (row) => (
      <span style={{ display: "inline-block", minWidth: 240, overflowWrap: "anywhere" }}>{row.words}</span>
    ),
  },
];

/** The audit log: search it, verify it, hand parts of it over with their proof. */
export default function Audit() {
  const navigate = useNavigate();
  const [kind, setKind] = useUrlState("kind");
  const [model, setModel] = useUrlState("model");
  const [symbol, setSymbol] = useUrlState("symbol");
  const [caller, setCaller] = useUrlState("caller");
  const [since, setSince] = useUrlState("since");
  const [until, setUntil] = useUrlState("until");
  const [text, setText] = useUrlState("text");
  const conditions: Conditions = { kind, model, symbol, caller, since, until, text };
  const asked = given(conditions);

  const status = useQuery({
    queryKey: ["compliance", "audit", "status"],
    queryFn: () => body(api.GET("/api/compliance/audit/status")),
  });
  const found = useInfiniteQuery({
    queryKey: ["compliance", "audit", "entries", asked],
    initialPageParam: null as number | null,
    queryFn: ({ pageParam, signal }) =>
      body(
        api.GET("/api/compliance/audit/entries", {
          params: { query: { ...asked, below: pageParam, size: 100 } },
          signal,
        }),
      ),
    getNextPageParam: (page) => page.below,
    placeholderData: keepPreviousData,
  });
  useLive(["compliance", "models"], [["compliance", "audit", "status"]]);
  const rows = useMemo(() => found.data?.pages.flatMap((page) => page.rows) ?? [], [found.data]);
  const last = found.data?.pages[found.data.pages.length - 1];
  const read = found.data?.pages.reduce((sum, page) => sum + page.read, 0) ?? 0;

  async function save(form: "csv" | "jsonl" | "parquet") {
    const { data } = await api.GET("/api/compliance/audit/export", {
      params: { query: { ...asked, form } },
      parseAs: "blob",
    });
    saveBlob(`audit-export-${form}.zip`, data as unknown as Blob);
  }

  return (
    <ViewPage
      title="Audit log"
      lead="Forecasts, decisions and changes, chained and signed: what was written cannot be altered unseen."
      exports={[
        { label: "Everything found: CSV with proof (zip)", onExport: () => save("csv") },
        { label: "Everything found: JSON lines with proof (zip)", onExport: () => save("jsonl") },
        { label: "Everything found: Parquet with proof (zip)", onExport: () => save("parquet") },
        {
          label: "Rows on this page as CSV",
          onExport: () =>
            saveCsv("audit-rows.csv", rows, ["seq", "at", "kind", "model", "symbol", "by", "words", "hash"]),
        },
      ]}
    >
      <SubNav items={COMPLIANCE_TABS} />
      <Loaded query={status} height={120}>
        {(told) => (
          <Stack gap="md">
            <LogState status={told} />
            <SearchBar
              kinds={Object.keys(told.kinds)}
              values={conditions}
              set={{
                kind: setKind,
                model: setModel,
                symbol: setSymbol,
                caller: setCaller,
                since: setSince,
                until: setUntil,
                text: setText,
              }}
            />
            <Loaded query={found} height={420}>
              {() => (
                <Stack gap="xs">
                  <DataTable
                    label="Entries of the audit log, the newest first"
                    rows={rows}
                    columns={COLUMNS}
                    rowKey={(row) => String(row.seq)}
                    onRow={(row) => navigate(`/compliance/audit/${row.seq}`)}
                    height={480}
                    empty={
                      last?.hurried
                        ? "None among the entries read so far."
                        : "No entry meets these conditions."
                    }
                  />
                  <Group gap="sm">
                    <Text size="sm" role="status">
                      {count(rows.length)} shown, {count(read)} read of {count(told.entries)}.
                      {last?.hurried && " There are more to look through."}
                      {last && last.below === null && " That is all."}
                    </Text>
                    {found.hasNextPage && (
                      <Button
                        size="xs"
                        variant="default"
                        loading={found.isFetchingNextPage}
                        onClick={() => found.fetchNextPage()}
                      >
                        {last?.hurried ? "Look further back" : "Show older"}
                      </Button>
                    )}
                  </Group>
                </Stack>
              )}
            </Loaded>
          </Stack>
        )}
      </Loaded>
    </ViewPage>
  );
}

function SearchBar(props: {
  kinds: string[];
  values: Conditions;
  set: Record<keyof Conditions, (to: string) => void>;
}) {
  const { kinds, values, set } = props;
  const some = Object.keys(given(values)).length > 0;
  return (
    <Group gap="sm" align="flex-end" component="search">
      <Select
        label="Kind"
        size="xs"
        w={150}
        clearable
        searchable
        placeholder="any"
        data={kinds}
        value={values.kind || null}
        onChange={(to) => set.kind(to ?? "")}
      />
      {FIELDS.map((field) => (
        <TypedInput key={field.name} field={field} value={values[field.name]} onSettle={set[field.name]} />
      ))}
      {some && (
        <Button
          size="xs"
          variant="subtle"
          onClick={() => {
            for (const clear of Object.values(set)) clear("");
          }}
        >
          Clear
        </Button>
      )}
    </Group>
  );
}

function TypedInput(props: {
  field: (typeof FIELDS)[number];
  value: string;
  onSettle: (to: string) => void;
}) {
  const { field, value, onSettle } = props;
  const [typed, type] = useTyped(value, onSettle);
  return (
    <TextInput
      label={field.label}
      placeholder={field.hint}
      type={field.date ? "date" : "text"}
      size="xs"
      w={field.width}
      value={typed}
      onChange={(event) => type(event.currentTarget.value)}
    />
  );
}
