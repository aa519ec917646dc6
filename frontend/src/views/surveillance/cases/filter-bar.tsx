import { Checkbox, Group, Select, TextInput } from "@mantine/core";
import { IconSearch } from "@tabler/icons-react";
import { type RefObject, useEffect, useState } from "react";
import { type CaseRow, plain, STATES, stateWords, TIERS } from "../words";
import { type Filters, type SortBy, tally } from "./filters";

export type Change = (name: keyof Filters, value: string) => void;

const SORTS: { value: SortBy; label: string }[] = [
  { value: "queue", label: "Order to take them" },
  { value: "deadline", label: "Deadline, nearest first" },
  { value: "age", label: "Age, oldest first" },
  { value: "score", label: "Score, surest first" },
];

/** What of the queue is shown, and in which order; all of it is in the address. */
export function FilterBar(props: {
  rows: readonly CaseRow[];
  filters: Filters;
  change: Change;
  sort: SortBy;
  onSort: (by: string) => void;
  closed: boolean;
  onClosed: (on: boolean) => void;
  me: string | null;
  search: RefObject<HTMLInputElement | null>;
}) {
  const { rows, filters, change, me } = props;
  const counted = (label: string, count: number) => `${label} (${count})`;
  const counts = (of: (row: CaseRow) => readonly string[]) => new Map(tally(rows, of));
  const tiers = counts((row) => [row.tier]);
  const states = counts((row) => [row.state]);
  const people = tally(rows, (row) => (row.assignee ? [row.assignee] : []));
  const choice = (name: keyof Filters, label: string, data: { value: string; label: string }[]) => (
    <Select
      key={name}
      label={label}
      size="xs"
      placeholder="All"
      clearable
      data={data}
      value={String(filters[name]) || null}
      onChange={(value) => change(name, value ?? "")}
      style={{ flex: "1 1 105px", maxWidth: 200 }}
    />
  );
  return (
    <Group gap="xs" align="flex-end" role="search" aria-label="Filter cases">
      <TextInput
        ref={props.search}
        label="Find"
        size="xs"
        placeholder="Case, account, title"
        leftSection={<IconSearch size={14} aria-hidden />}
        value={filters.text}
        onChange={(event) => change("text", event.currentTarget.value)}
        style={{ flex: "2 1 150px", maxWidth: 260 }}
      />
      {choice(
        "tier",
        "Tier",
        TIERS.map((one) => ({ value: one, label: counted(plain(one), tiers.get(one) ?? 0) })),
      )}
      {choice(
        "scheme",
        "Scheme",
        tally(rows, (row) => row.schemes).map(([value, n]) => ({ value, label: counted(plain(value), n) })),
      )}
      {choice(
        "symbol",
        "Symbol",
        tally(rows, (row) => row.symbols).map(([value, n]) => ({ value, label: counted(value, n) })),
      )}
      {choice(
        "state",
        "State",
        STATES.filter((one) => states.has(one)).map((one) => ({
          value: one,
          label: counted(stateWords(one), states.get(one) ?? 0),
        })),
      )}
      {choice("who", "With", [
        { value: "-", label: counted("Nobody", rows.filter((row) => !row.assignee).length) },
        ...people.map(([value, n]) => ({ value, label: counted(value === me ? `${value}, you` : value, n) })),
      ])}
      <Select
        label="Order"
        size="xs"
        data={SORTS}
        value={props.sort}
        allowDeselect={false}
        onChange={(value) => props.onSort(value ?? "queue")}
        style={{ flex: "1 1 150px", maxWidth: 220 }}
      />
      <Group gap="sm" pb={6}>
        <Box label="Overdue only" on={filters.late} onChange={(on) => change("late", on ? "1" : "0")} />
        <Box label="Closed too" on={props.closed} onChange={props.onClosed} />
      </Group>
    </Group>
  );
}

/** A box that is ticked at once: the address, and `on` with it, follows when the cases are there. */
function Box({ label, on, onChange }: { label: string; on: boolean; onChange: (on: boolean) => void }) {
  const [ticked, tick] = useState(on);
  useEffect(() => tick(on), [on]);
  return (
    <Checkbox
      size="xs"
      label={label}
      checked={ticked}
      onChange={(event) => {
        tick(event.currentTarget.checked);
        onChange(event.currentTarget.checked);
      }}
    />
  );
}
