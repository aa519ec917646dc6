import { useMemo } from "react";

/** A small line without axes; the words beside it say what it shows. Gaps are where nothing is known. */
export function Sparkline({ values, label }: { values: readonly (number | null)[]; label: string }) {
  const path = useMemo(() => pathOf(values, 160, 36), [values]);
  return (
    <svg
      viewBox="0 0 160 36"
      width="100%"
      height={36}
      preserveAspectRatio="none"
      role="img"
      aria-label={label}
    >
      <path
        d={path}
        fill="none"
        stroke="var(--tw-accent)"
        strokeWidth={1.5}
        vectorEffect="non-scaling-stroke"
      />
    </svg>
  );
}

/** The path of `values` in a box; it begins anew after every gap. */
export function pathOf(values: readonly (number | null)[], width: number, height: number): string {
  const known = values.filter((value) => value !== null);
  if (known.length === 0) return "";
  const low = Math.min(...known);
  const span = Math.max(...known) - low || 1;
  const step = values.length > 1 ? width / (values.length - 1) : 0;
  let pen = "M";
  return values
    .map((value, i) => {
      if (value === null) {
        pen = "M";
        return "";
      }
      const point = `${pen}${(i * step).toFixed(1)},${(height - 2 - ((value - low) / span) * (height - 4)).toFixed(1)}`;
      pen = "L";
      return point;
    })
    .join("");
}
