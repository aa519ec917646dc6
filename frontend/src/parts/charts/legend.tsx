import { LineStyle } from "lightweight-charts";
import classes from "./frame.module.css";
import type { Palette, Tone } from "./palette";

const STYLES = [LineStyle.Solid, LineStyle.Dashed, LineStyle.Dotted, LineStyle.LargeDashed] as const;
const DASHES = ["", "6 4", "2 3", "10 4"] as const;

/** The stroke of the nth line: lines differ by stroke as well as by colour. */
export function lineStyleOf(index: number): LineStyle {
  return STYLES[index % STYLES.length] as LineStyle;
}

/** What the lines and the area of a chart are. */
export function Legend({
  series,
  palette,
  band,
}: {
  series: readonly { name: string; tone?: Tone }[];
  palette: Palette;
  band?: string;
}) {
  if (series.length === 0 && !band) return null;
  return (
    <ul className={classes.legend}>
      {series.map(({ name, tone }, i) => (
        <li key={name}>
          <svg width="22" height="8" aria-hidden="true">
            <line
              x1="0"
              x2="22"
              y1="4"
              y2="4"
              strokeWidth="2.5"
              stroke={tone ? palette.tones[tone] : palette.series[i % palette.series.length]}
              strokeDasharray={DASHES[i % DASHES.length]}
            />
          </svg>
          {name}
        </li>
      ))}
      {band && (
        <li>
          <svg width="22" height="10" aria-hidden="true">
            <rect width="22" height="10" fill={palette.band} stroke={palette.bandEdge} />
          </svg>
          {band}
        </li>
      )}
    </ul>
  );
}
