import type { IChartApi } from "lightweight-charts";

const drawn = new Map<string, IChartApi>();

/** Note that the chart of this label is on the page; returns what takes the note back. */
export function noteDrawn(label: string, chart: IChartApi): () => void {
  drawn.set(label, chart);
  return () => {
    if (drawn.get(label) === chart) drawn.delete(label);
  };
}

/** The chart of this label, where it is on the page. */
export function drawnChart(label: string): IChartApi | undefined {
  return drawn.get(label);
}
