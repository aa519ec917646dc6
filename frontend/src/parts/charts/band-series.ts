import {
  type CustomData,
  type CustomSeriesOptions,
  type CustomSeriesPricePlotValues,
  customSeriesDefaultOptions,
  type ICustomSeriesPaneRenderer,
  type ICustomSeriesPaneView,
  type PaneRendererCustomData,
  type PriceToCoordinateConverter,
  type Time,
  type WhitespaceData,
} from "lightweight-charts";

/** A range at one time. */
export interface BandData extends CustomData<Time> {
  lower: number;
  upper: number;
}

export interface BandOptions extends CustomSeriesOptions {
  fill: string;
  edge: string;
}

type Drawn = Parameters<ICustomSeriesPaneRenderer["draw"]>[0];

class BandRenderer implements ICustomSeriesPaneRenderer {
  data: PaneRendererCustomData<Time, BandData> | null = null;
  options: BandOptions | null = null;

  draw(target: Drawn, priceToY: PriceToCoordinateConverter): void {
    const { data, options } = this;
    const range = data?.visibleRange;
    if (!data || !options || !range) return;
    target.useMediaCoordinateSpace(({ context }) => {
      const upper: [number, number][] = [];
      const lower: [number, number][] = [];
      for (let i = range.from; i < range.to; i += 1) {
        const bar = data.bars[i];
        if (!bar) continue;
        const top = priceToY(bar.originalData.upper);
        const bottom = priceToY(bar.originalData.lower);
        if (top === null || bottom === null) continue;
        upper.push([bar.x, top]);
        lower.push([bar.x, bottom]);
      }
      if (upper.length === 0) return;
      context.fillStyle = options.fill;
      context.beginPath();
      for (const [x, y] of upper) context.lineTo(x, y);
      for (const [x, y] of lower.toReversed()) context.lineTo(x, y);
      context.closePath();
      context.fill();
      context.strokeStyle = options.edge;
      context.lineWidth = 1;
      for (const line of [upper, lower]) {
        context.beginPath();
        for (const [x, y] of line) context.lineTo(x, y);
        context.stroke();
      }
    });
  }
}

/** The area between a lower and an upper line, as one series of the chart. */
export class BandSeries implements ICustomSeriesPaneView<Time, BandData, BandOptions> {
  private readonly drawer = new BandRenderer();

  renderer(): ICustomSeriesPaneRenderer {
    return this.drawer;
  }

  update(data: PaneRendererCustomData<Time, BandData>, options: BandOptions): void {
    this.drawer.data = data;
    this.drawer.options = options;
  }

  priceValueBuilder(row: BandData): CustomSeriesPricePlotValues {
    return [row.lower, row.upper, row.upper];
  }

  isWhitespace(row: BandData | WhitespaceData<Time>): row is WhitespaceData<Time> {
    return (row as Partial<BandData>).upper === undefined;
  }

  defaultOptions(): BandOptions {
    return { ...customSeriesDefaultOptions, fill: "transparent", edge: "transparent" };
  }
}
