import type { Shapes } from "../../../api/client";
import { DataTable } from "../../../parts/data-table";
import { count, percent } from "../../../parts/format";
import { Mark } from "../tone";
import { KINDS } from "./words";

/** How much of the training rows each group is, beside the share it would have if groups counted the same. */
export function Balance({ kind }: { kind: Shapes["BalanceKind"] }) {
  return (
    <DataTable
      label={`Training rows by ${KINDS[kind.by] ?? kind.by}`}
      rows={kind.groups}
      rowKey={(group) => group.group}
      columns={[
        { key: "group", title: "Group" },
        { key: "rows", title: "Rows", numeric: true, render: (group) => count(group.rows) },
        { key: "symbols", title: "Symbols", numeric: true },
        { key: "share", title: "Share", numeric: true, render: (group) => percent(group.share) },
        { key: "expected", title: "Expected", numeric: true, render: (group) => percent(group.expected) },
        {
          key: "rises",
          title: "Rose",
          numeric: true,
          sort: (group) => group.rises.value,
          render: (group) => percent(group.rises.value),
        },
        {
          key: "flag",
          title: "Finding",
          render: (group) =>
            group.flag ? <Mark tone="warn">{`${group.flag}-represented`}</Mark> : <span>none</span>,
        },
      ]}
    />
  );
}
