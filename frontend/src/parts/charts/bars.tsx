import { VisuallyHidden } from "@mantine/core";
import type { ReactNode } from "react";
import { inUnit, signed as withSign } from "../format";
import type { Tone } from "./palette";
import classes from "./rows.module.css";

export interface BarItem {
  name: string;
  value: number | null;
  detail?: ReactNode;
  tone?: Tone;
}

export interface BarListProps {
  label: string;
  items: readonly BarItem[];
  /** `%` and `bp` take fractions; any other unit follows the number. */
  unit?: string;
  digits?: number;
  /** Bars go left and right of nought, and values bear their sign. */
  signed?: boolean;
  /** The end of the scale; the greatest value, when absent. */
  most?: number;
  onPick?: (item: BarItem) => void;
}

/** Named values as bars: a table that is drawn. */
export function BarList({ label, items, unit, digits = 3, signed = false, most, onPick }: BarListProps) {
  const top = most ?? (Math.max(...items.map((item) => Math.abs(item.value ?? 0)), 0) || 1);
  const text = (x: number | null) =>
    signed && !unit
      ? withSign(x, digits)
      : signed && x !== null && x > 0
        ? `+${inUnit(x, unit, digits)}`
        : inUnit(x, unit, digits);

  return (
    <figure className={classes.figure}>
      <table className={classes.table}>
        <VisuallyHidden component="caption">{label}</VisuallyHidden>
        <VisuallyHidden component="thead">
          <tr>
            <th scope="col">Name</th>
            <th scope="col">Drawn</th>
            <th scope="col">Value</th>
          </tr>
        </VisuallyHidden>
        <tbody>
          {items.map((item) => {
            const size = (Math.min(Math.abs(item.value ?? 0), top) / top) * (signed ? 50 : 100);
            const tone = item.tone ?? (signed ? ((item.value ?? 0) >= 0 ? "good" : "bad") : "accent");
            const left = signed ? ((item.value ?? 0) >= 0 ? 50 : 50 - size) : 0;
            return (
              <tr key={item.name}>
                <th scope="row" className={classes.name}>
                  {onPick ? (
                    <button type="button" className={classes.pick} onClick={() => onPick(item)}>
                      {item.name}
                    </button>
                  ) : (
                    item.name
                  )}
                  {item.detail && <span className={classes.detail}>{item.detail}</span>}
                </th>
                <td>
                  <div className={classes.track} aria-hidden="true">
                    {signed && <span className={classes.mark} style={{ left: "50%" }} />}
                    {item.value !== null && (
                      <span
                        className={`${classes.bar} ${classes[tone]}`}
                        style={{ left: `${left}%`, width: `${size}%` }}
                      />
                    )}
                  </div>
                </td>
                <td className={classes.value}>{text(item.value)}</td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </figure>
  );
}
