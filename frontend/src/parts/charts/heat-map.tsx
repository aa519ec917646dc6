import { ScrollArea } from "@mantine/core";
import { type KeyboardEvent, useRef, useState } from "react";
import classes from "./heat-map.module.css";

export interface HeatMapProps {
  label: string;
  rows: readonly string[];
  columns: readonly string[];
  /** A row of values for each row; null where there is none. */
  values: readonly (readonly (number | null)[])[];
  format: (value: number) => string;
  /** Diverging: from the most negative over nought to the most positive. Sequential: from nought upwards. */
  tone: "diverging" | "sequential";
  /** Levels from which a value bears a mark: the first `!`, the second `!!`. They are compared with its size. */
  thresholds?: readonly number[];
  /** The end of the scale; the greatest size, when absent. */
  most?: number;
  rowTitle?: string;
  onPick?: (row: number, column: number) => void;
}

/** A table whose cells are coloured by their values; arrow keys move, Enter picks. The values are written all the same. */
export function HeatMap(props: HeatMapProps) {
  const { label, rows, columns, values, format, tone, thresholds = [], onPick } = props;
  const [at, setAt] = useState<readonly [number, number]>([0, 0]);
  const table = useRef<HTMLTableElement>(null);
  const sizes = values.flatMap((row) => row.map((value) => Math.abs(value ?? 0)));
  const top = props.most ?? (sizes.reduce((a, b) => Math.max(a, b), 0) || 1);

  function press(event: KeyboardEvent) {
    const [row, column] = at;
    const steps: Record<string, readonly [number, number]> = {
      ArrowUp: [row - 1, column],
      ArrowDown: [row + 1, column],
      ArrowLeft: [row, column - 1],
      ArrowRight: [row, column + 1],
      Home: [row, 0],
      End: [row, columns.length - 1],
    };
    const to = steps[event.key];
    if (!to) {
      if ((event.key === "Enter" || event.key === " ") && onPick) {
        event.preventDefault();
        onPick(row, column);
      }
      return;
    }
    event.preventDefault();
    const next = [clamp(to[0], rows.length), clamp(to[1], columns.length)] as const;
    setAt(next);
    table.current?.querySelector<HTMLElement>(`[data-cell="${next[0]}:${next[1]}"]`)?.focus();
  }

  return (
    <ScrollArea type="auto" offsetScrollbars="x">
      <table ref={table} role="grid" aria-label={label} className={classes.table} onKeyDown={press}>
        <thead>
          <tr>
            <th scope="col" className={classes.corner}>
              {props.rowTitle ?? ""}
            </th>
            {columns.map((column) => (
              <th key={column} scope="col" className={classes.column}>
                {column}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((name, r) => (
            <tr key={name}>
              <th scope="row" className={classes.row}>
                {name}
              </th>
              {columns.map((column, c) => {
                const value = values[r]?.[c] ?? null;
                const marks =
                  value === null ? 0 : thresholds.filter((level) => Math.abs(value) >= level).length;
                return (
                  <td
                    key={column}
                    role="gridcell"
                    data-cell={`${r}:${c}`}
                    tabIndex={at[0] === r && at[1] === c ? 0 : -1}
                    className={`${classes.cell} ${onPick ? classes.open : ""}`}
                    style={{ background: value === null ? undefined : colour(value / top, tone) }}
                    onFocus={() => setAt([r, c])}
                    onClick={() => onPick?.(r, c)}
                  >
                    {value === null ? "–" : format(value)}
                    {marks > 0 && <b className={classes.mark}> {"!".repeat(marks)}</b>}
                  </td>
                );
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </ScrollArea>
  );
}

function clamp(x: number, length: number): number {
  return Math.max(0, Math.min(length - 1, x));
}

/** Never so strong that the text on it could not be read. */
function colour(share: number, tone: HeatMapProps["tone"]): string {
  const side = tone === "diverging" && share < 0 ? "var(--tw-heat-below)" : "var(--tw-heat-above)";
  const strength = Math.round(Math.min(1, Math.abs(share)) * 52);
  return `color-mix(in srgb, ${side} ${strength}%, transparent)`;
}
