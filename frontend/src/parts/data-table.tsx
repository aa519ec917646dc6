import { Box, Text, UnstyledButton } from "@mantine/core";
import { IconArrowDown, IconArrowsSort, IconArrowUp } from "@tabler/icons-react";
import { useVirtualizer } from "@tanstack/react-virtual";
import { type KeyboardEvent, memo, type ReactNode, useMemo, useRef, useState } from "react";
import classes from "./data-table.module.css";
import { useEdges } from "./edges";

type Sorted = string | number | boolean | null | undefined;

export interface Column<T> {
  key: string;
  title: string;
  /** What a cell shows; the row's value under `key`, when absent. */
  render?: (row: T) => ReactNode;
  /** What the column is sorted by: the row's value under `key` unless a function says; false: not to be sorted. */
  sort?: boolean | ((row: T) => Sorted);
  numeric?: boolean;
  width?: number | string;
}

export interface DataTableProps<T extends object> {
  label: string;
  rows: readonly T[];
  columns: readonly Column<T>[];
  rowKey: (row: T) => string;
  onRow?: (row: T) => void;
  /** The pointer lies on a row, or the focus does: it may be opened next. */
  onNear?: (row: T) => void;
  /** The key of the row that is open. */
  selected?: string | null;
  /** Height of the region that scrolls, in pixels; 420 where there are more than 100 rows, else none. */
  height?: number;
  initialSort?: { key: string; down?: boolean };
  empty?: string;
}

const MANY = 100;
const ROW = 37;

/**
 * A table that can be sorted, and whose rows can be opened, by keyboard; of many rows only those in sight are drawn. It
 * is drawn anew only where something it is given is another.
 */
export const DataTable = memo(Table) as typeof Table;

function Table<T extends object>(props: DataTableProps<T>) {
  const {
    label,
    rows,
    columns,
    rowKey,
    onRow,
    onNear,
    selected,
    initialSort,
    empty = "Nothing to show.",
  } = props;
  const [sort, setSort] = useState(initialSort ?? null);
  const box = useRef<HTMLDivElement>(null);
  useEdges(box);
  const many = rows.length > MANY;
  const height = props.height ?? (many ? 420 : undefined);

  const ordered = useMemo(() => {
    const column = columns.find((one) => one.key === sort?.key);
    if (!column || !sort) return rows;
    const of = (row: T) => valueOf(row, column);
    const sign = sort.down ? -1 : 1;
    return [...rows].sort((a, b) => compared(of(a), of(b), sign));
  }, [rows, columns, sort]);

  const virtual = useVirtualizer({
    count: ordered.length,
    enabled: many,
    getScrollElement: () => box.current,
    estimateSize: () => ROW,
    overscan: 12,
    initialRect: { width: 800, height: height ?? 420 },
  });
  const drawn = many ? virtual.getVirtualItems() : [];
  const before = drawn[0]?.start ?? 0;
  const after = many ? virtual.getTotalSize() - (drawn[drawn.length - 1]?.end ?? 0) : 0;
  const shown = many ? drawn.map((item) => item.index) : ordered.map((_, i) => i);

  function press(event: KeyboardEvent<HTMLTableRowElement>, row: T, index: number) {
    if (event.target !== event.currentTarget) return;
    if (event.key === "Enter" || event.key === " ") {
      event.preventDefault();
      onRow?.(row);
    }
    const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
    if (step === 0) return;
    event.preventDefault();
    if (many) virtual.scrollToIndex(Math.max(0, Math.min(ordered.length - 1, index + step)));
    const next =
      step > 0 ? event.currentTarget.nextElementSibling : event.currentTarget.previousElementSibling;
    (next as HTMLElement | null)?.focus({ preventScroll: many });
  }

  return (
    <Box
      ref={box}
      className={classes.region}
      role="region"
      aria-label={label}
      tabIndex={0}
      style={{ maxHeight: height }}
    >
      <table className={classes.table} aria-rowcount={ordered.length + 1}>
        <caption className={classes.caption}>{label}</caption>
        <thead>
          <tr>
            {columns.map((column) => {
              const on = sort?.key === column.key ? sort : null;
              return (
                <th
                  key={column.key}
                  scope="col"
                  className={column.numeric ? classes.numeric : undefined}
                  style={{ width: column.width }}
                  aria-sort={on ? (on.down ? "descending" : "ascending") : undefined}
                >
                  {column.sort === false ? (
                    column.title
                  ) : (
                    <UnstyledButton
                      className={classes.sort}
                      onClick={() => setSort(on ? { key: column.key, down: !on.down } : firstSort(column))}
                    >
                      {column.title}
                      {on ? (
                        on.down ? (
                          <IconArrowDown size={13} aria-hidden />
                        ) : (
                          <IconArrowUp size={13} aria-hidden />
                        )
                      ) : (
                        <IconArrowsSort size={13} aria-hidden className={classes.unsorted} />
                      )}
                    </UnstyledButton>
                  )}
                </th>
              );
            })}
          </tr>
        </thead>
        <tbody>
          {before > 0 && <Gap height={before} span={columns.length} />}
          {shown.map((index) => {
            const row = ordered[index] as T;
            const key = rowKey(row);
            return (
              <tr
                key={key}
                aria-rowindex={index + 2}
                aria-current={selected === key ? "true" : undefined}
                tabIndex={onRow ? 0 : undefined}
                className={onRow ? classes.open : undefined}
                onClick={onRow ? () => onRow(row) : undefined}
                onPointerEnter={onNear ? () => onNear(row) : undefined}
                onFocus={onNear ? () => onNear(row) : undefined}
                onKeyDown={onRow ? (event) => press(event, row, index) : undefined}
              >
                {columns.map((column) => (
                  <td key={column.key} className={column.numeric ? classes.numeric : undefined}>
                    {column.render ? column.render(row) : shownText(valueAt(row, column.key))}
                  </td>
                ))}
              </tr>
            );
          })}
          {after > 0 && <Gap height={after} span={columns.length} />}
        </tbody>
      </table>
      {ordered.length === 0 && (
        <Text size="sm" c="dimmed" p="sm">
          {empty}
        </Text>
      )}
    </Box>
  );
}

function Gap({ height, span }: { height: number; span: number }) {
  return (
    <tr aria-hidden="true">
      <td colSpan={span} style={{ height, padding: 0, border: 0 }} />
    </tr>
  );
}

/** Numbers begin with the greatest, for that is what is looked for; words with the first letter. */
function firstSort<T>(column: Column<T>): { key: string; down: boolean } {
  return { key: column.key, down: column.numeric === true };
}

function valueAt(row: object, key: string): unknown {
  return (row as Record<string, unknown>)[key];
}

function valueOf<T extends object>(row: T, column: Column<T>): Sorted {
  if (typeof column.sort === "function") return column.sort(row);
  const value = valueAt(row, column.key);
  return typeof value === "object" && value !== null ? JSON.stringify(value) : (value as Sorted);
}

/** What is absent comes last, whichever way the rest is sorted. */
function compared(a: Sorted, b: Sorted, sign: number): number {
  const none = (x: Sorted) => x === null || x === undefined || (typeof x === "number" && Number.isNaN(x));
  if (none(a) || none(b)) return Number(none(a)) - Number(none(b));
  if (typeof a === "string" && typeof b === "string")
    return sign * a.localeCompare(b, "en", { numeric: true, sensitivity: "base" });
  return sign * (Number(a) - Number(b));
}

function shownText(value: unknown): string {
  if (value === null || value === undefined) return "–";
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}
