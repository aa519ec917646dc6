import { TextInput, Title } from "@mantine/core";
import { IconSearch } from "@tabler/icons-react";
import { useCallback, useMemo } from "react";
import { type Column, DataTable } from "../../../parts/data-table";
import { count, number, percent, signed } from "../../../parts/format";
import { useUrlState } from "../../../parts/url-state";
import type { SymbolRow } from "./data";

const COLUMNS: readonly Column<SymbolRow>[] = [
  { key: "symbol", title: "Symbol" },
  { key: "name", title: "Name" },
  { key: "sector", title: "Sector" },
  { key: "last", title: "Last close", numeric: true, render: (row) => number(row.last) },
  {
    key: "change",
    title: "Last bar",
    numeric: true,
    render: (row) => (row.change == null ? "–" : `${signed(row.change * 100, 2)} %`),
  },
  { key: "probability", title: "P(rise), last", numeric: true, render: (row) => percent(row.probability) },
  { key: "accuracy", title: "Accuracy", numeric: true, render: (row) => percent(row.accuracy) },
  { key: "forecasts", title: "Forecasts", numeric: true, render: (row) => count(row.forecasts) },
];

/** Every symbol, to be searched, sorted and opened. */
export function SymbolTable({
  symbols,
  symbol,
  onChoose,
  onNear,
}: {
  symbols: readonly SymbolRow[];
  symbol: string;
  onChoose: (symbol: string) => void;
  /** A symbol may be chosen next. */
  onNear: (symbol: string) => void;
}) {
  const [search, setSearch] = useUrlState("find");
  const rows = useMemo(() => {
    const wanted = search.trim().toLowerCase();
    if (!wanted) return symbols;
    return symbols.filter((one) =>
      `${one.symbol} ${one.name ?? ""} ${one.sector}`.toLowerCase().includes(wanted),
    );
  }, [symbols, search]);
  const open = useCallback((row: SymbolRow) => onChoose(row.symbol), [onChoose]);
  const near = useCallback((row: SymbolRow) => onNear(row.symbol), [onNear]);
  return (
    <section aria-label="All symbols">
      <Title order={2} size="h4" mb="xs">
        All symbols
      </Title>
      <TextInput
        label="Find by symbol, name or sector"
        size="xs"
        maw={320}
        mb="xs"
        leftSection={<IconSearch size={14} aria-hidden />}
        value={search}
        onChange={(event) => setSearch(event.currentTarget.value)}
      />
      <DataTable
        label="Symbols"
        rows={rows}
        columns={COLUMNS}
        rowKey={nameOf}
        onRow={open}
        onNear={near}
        selected={symbol}
        height={380}
        empty="No symbol fits."
      />
    </section>
  );
}

function nameOf(row: SymbolRow): string {
  return row.symbol;
}
