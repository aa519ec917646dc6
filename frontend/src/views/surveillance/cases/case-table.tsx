import { Anchor, Checkbox, Text } from "@mantine/core";
import { type ReactNode, useMemo } from "react";
import { Link } from "react-router";
import { type Column, DataTable } from "../../../parts/data-table";
import { ago } from "../../../parts/format";
import { Deadline, StateMark, TierMark } from "../marks";
import { type CaseRow, chance } from "../words";

/** Cases in the order that the page has chosen; the order is not the table's, so that keys and table agree. */
export function CaseTable(props: {
  rows: readonly CaseRow[];
  now: number;
  current: string;
  picked: ReadonlySet<string>;
  onPick: (id: string) => void;
  onOpen: (id: string) => void;
}) {
  const { rows, now, current, picked, onPick, onOpen } = props;
  const columns = useMemo<Column<CaseRow>[]>(
    () => [
      {
        key: "pick",
        title: "Select",
        sort: false,
        width: 56,
        render: (row) => (
          <Checkbox
            size="xs"
            aria-label={`Select ${row.id}`}
            checked={picked.has(row.id)}
            onClick={(event) => event.stopPropagation()}
            onChange={() => onPick(row.id)}
          />
        ),
      },
      {
        key: "id",
        title: "Case",
        sort: false,
        render: (row) => (
          <Anchor
            component={Link}
            to={`/surveillance/cases/${row.id}`}
            size="sm"
            onClick={(event) => event.stopPropagation()}
          >
            {row.id}
          </Anchor>
        ),
      },
      { key: "tier", title: "Tier", sort: false, render: (row) => <TierMark tier={row.tier} /> },
      {
        key: "title",
        title: "About",
        sort: false,
        render: (row) => (
          <Text size="sm" miw={180}>
            {row.title}
          </Text>
        ),
      },
      {
        key: "deadline",
        title: "To be taken up",
        sort: false,
        render: (row) => <Deadline row={row} now={now} />,
      },
      {
        key: "state",
        title: "State",
        sort: false,
        render: (row) => (
          <span style={{ whiteSpace: "nowrap" }}>
            <StateMark row={row} />
          </span>
        ),
      },
      {
        key: "assignee",
        title: "With",
        sort: false,
        render: (row) => <Whole>{row.assignee ?? "nobody"}</Whole>,
      },
      {
        key: "score",
        title: "Score",
        sort: false,
        numeric: true,
        render: (row) => <Whole>{chance(row.score)}</Whole>,
      },
      { key: "alert_count", title: "Alerts", sort: false, numeric: true },
      {
        key: "opened_at",
        title: "Opened",
        sort: false,
        render: (row) => <Whole>{ago(row.opened_at, now)}</Whole>,
      },
    ],
    [picked, now, onPick],
  );
  return (
    <DataTable
      label="Cases"
      rows={rows}
      columns={columns}
      rowKey={(row) => row.id}
      selected={current || null}
      onRow={(row) => onOpen(row.id)}
      height={rows.length > 14 ? 560 : undefined}
      empty="No case fits. Clear a filter, or show closed cases too."
    />
  );
}

/** Words that stay on one line. */
function Whole({ children }: { children: ReactNode }) {
  return <span style={{ whiteSpace: "nowrap" }}>{children}</span>;
}
