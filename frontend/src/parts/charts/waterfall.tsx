import { VisuallyHidden } from "@mantine/core";
import type { ReactNode } from "react";
import { inUnit, number, percent, points, signed } from "../format";
import classes from "./rows.module.css";

export interface Step {
  name: string;
  value: number;
  detail?: ReactNode;
}

export interface WaterfallProps {
  label: string;
  base: number;
  steps: readonly Step[];
  /** What base and steps come to; what is missing to it is shown as a step of its own. */
  total: number;
  /** `%` takes fractions and tells the steps in percentage points. */
  unit?: string;
  /** Decimals; of percentages and points one, unless it is said otherwise. */
  digits?: number;
  baseName?: string;
  totalName?: string;
  /** Open what lies under a step. */
  onPick?: (step: Step) => void;
}

/** From a base to a total by steps: a table whose bars start where the one before ended. */
export function Waterfall(props: WaterfallProps) {
  const { label, base, steps, total, unit, digits = 3, onPick } = props;
  const rest = total - steps.reduce((sum, step) => sum + step.value, base);
  const seen = Math.abs(rest) > 1e-6 * Math.max(1, Math.abs(total));
  const all: Step[] = seen ? [...steps, { name: "All else", value: rest }] : [...steps];
  let level = base;
  const rows = all.map((step) => {
    const from = level;
    level += step.value;
    return { step, from, to: level };
  });
  const ends = [base, total, ...rows.map((row) => row.to)];
  const low = Math.min(...ends);
  const span = Math.max(...ends) - low || 1;
  const pad = span * 0.04;
  const at = (x: number) => ((x - low + pad) / (span + 2 * pad)) * 100;
  const text = (x: number) =>
    unit === "%" ? points(x, props.digits ?? 1) : unit ? `${signed(x, digits)} ${unit}` : signed(x, digits);
  const whole = (x: number) =>
    unit === "%" ? percent(x, props.digits ?? 1) : unit ? inUnit(x, unit, digits) : number(x, digits);

  return (
    <figure className={classes.figure}>
      <table className={classes.table}>
        <VisuallyHidden component="caption">{label}</VisuallyHidden>
        <VisuallyHidden component="thead">
          <tr>
            <th scope="col">Step</th>
            <th scope="col">Drawn</th>
            <th scope="col">Change</th>
          </tr>
        </VisuallyHidden>
        <tbody>
          <tr>
            <th scope="row" className={classes.name}>
              {props.baseName ?? "Base"}
            </th>
            <td>
              <div className={classes.track} aria-hidden="true">
                <span className={classes.mark} style={{ left: `${at(base)}%` }} />
              </div>
            </td>
            <td className={classes.value}>{whole(base)}</td>
          </tr>
          {rows.map(({ step, from, to }) => (
            <tr key={step.name}>
              <th scope="row" className={classes.name}>
                {onPick ? (
                  <button type="button" className={classes.pick} onClick={() => onPick(step)}>
                    {step.name}
                  </button>
                ) : (
                  step.name
                )}
                {step.detail && <span className={classes.detail}>{step.detail}</span>}
              </th>
              <td>
                <div className={classes.track} aria-hidden="true">
                  <span
                    className={`${classes.bar} ${step.value >= 0 ? classes.good : classes.bad}`}
                    style={{
                      left: `${at(Math.min(from, to))}%`,
                      width: `${at(Math.max(from, to)) - at(Math.min(from, to))}%`,
                    }}
                  />
                </div>
              </td>
              <td className={classes.value}>{text(step.value)}</td>
            </tr>
          ))}
          <tr className={classes.total}>
            <th scope="row" className={classes.name}>
              {props.totalName ?? "Total"}
            </th>
            <td>
              <div className={classes.track} aria-hidden="true">
                <span className={classes.mark} style={{ left: `${at(total)}%` }} />
              </div>
            </td>
            <td className={classes.value}>{whole(total)}</td>
          </tr>
        </tbody>
      </table>
    </figure>
  );
}
