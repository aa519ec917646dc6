import { BookPlayer, CANCEL, HIDDEN, NEW, type Stretch, TRADE } from "./book";

/** Something the alert's accounts did, and where. */
export interface OwnEvent {
  row: number;
  time: number;
  account: string;
  what: string;
  price: number | null;
  size: number;
  side: number;
  order: string;
  named: boolean;
  traded: boolean;
}

/** What is drawn of a stretch as a whole: the mid price and the depth at moments evenly apart. */
export interface Drawing {
  /** Moments, nanoseconds from the base. */
  at: number[];
  /** Rows that have happened by each. */
  rows: number[];
  mid: (number | null)[];
  /** Shares by column and price step; below nought where they are for sale. */
  heat: Float32Array;
  heatRows: number;
  low: number;
  high: number;
  /** Shares of a cell that is as dark as can be. */
  most: number;
  /** Shares of a price that few of the best ten exceed: the width of a full bar. */
  usual: number;
}

const COLUMNS = 320;
const STEPS = 48;
const LEVELS = 10;

/** How many rows have happened by `time`. */
export function rowAt(times: readonly number[], time: number): number {
  let low = 0;
  let high = times.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((times[middle] ?? 0) <= time) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** All that the accounts did in a stretch, in order; both sides of a trade among them are told once. */
export function ownEvents(stretch: Stretch): OwnEvent[] {
  const { rows, suspects, accounts, price_unit: unit } = stretch;
  const own = new Set(suspects);
  const named = new Set(stretch.named);
  const found: OwnEvent[] = [];
  for (let i = 0; i < rows.time.length; i += 1) {
    const maker = rows.account[i] ?? -1;
    const taker = rows.taker[i] ?? -1;
    const kind = rows.kind[i] ?? 0;
    const arrived = own.has(taker) && (kind === TRADE || kind === HIDDEN);
    if (!own.has(maker) && !arrived) continue;
    const account = arrived ? taker : maker;
    const side = arrived ? rows.taker_side[i] || -(rows.side[i] ?? 0) : (rows.side[i] ?? 0);
    const order = (arrived ? rows.taker_order[i] : rows.order[i]) ?? -1;
    const raw = rows.price[i] ?? 0;
    found.push({
      row: i,
      time: rows.time[i] ?? 0,
      account: accounts[account] ?? "unknown",
      what: words(kind, side, arrived, own.has(maker) && arrived),
      price: raw > 0 ? raw / unit : null,
      size: rows.size[i] ?? 0,
      side,
      order: stretch.orders[String(order)] ?? "",
      named: named.has(i),
      traded: kind === TRADE || kind === HIDDEN,
    });
  }
  return found;
}

function words(kind: number, side: number, arrived: boolean, both: boolean): string {
  const way = side > 0 ? "buy" : "sell";
  if (kind === NEW) return `Entered, to ${way}`;
  if (kind === CANCEL) return `Took back, to ${way}`;
  if (both) return "Traded among themselves";
  if (kind === TRADE || kind === HIDDEN)
    return `${side > 0 ? "Bought" : "Sold"}, ${arrived ? "took what rested" : "its order rested"}`;
  return "Other";
}

/** Go through a stretch once and keep what pictures need. */
export function drawing(stretch: Stretch): Drawing {
  const player = new BookPlayer(stretch);
  const width = Math.max(1, stretch.end - stretch.start);
  const at = Array.from({ length: COLUMNS }, (_, i) => stretch.start + (width * i) / (COLUMNS - 1));
  const rows = at.map((time) => rowAt(stretch.rows.time, time));
  const mid: (number | null)[] = [];
  const shots: [number, number][][] = [];
  let before = -1;
  for (const row of rows) {
    if (row === before) {
      mid.push(mid[mid.length - 1] ?? null);
      shots.push(shots[shots.length - 1] ?? []);
      continue;
    }
    before = row;
    player.seek(row);
    const { bids, asks } = player.depth(LEVELS);
    const [bid, ask] = [bids[0]?.price, asks[0]?.price];
    mid.push(bid === undefined ? (ask ?? null) : ask === undefined ? bid : (bid + ask) / 2);
    shots.push([
      ...bids.map((one): [number, number] => [one.price, one.size]),
      ...asks.map((one): [number, number] => [one.price, -one.size]),
    ]);
  }
  const prices = shots.flatMap((shot) => shot.map(([price]) => price));
  const low = quantile(prices, 0.01);
  const high = Math.max(low + 1, quantile(prices, 0.99));
  const heat = new Float32Array(COLUMNS * STEPS);
  shots.forEach((shot, column) => {
    for (const [price, size] of shot) {
      const step = Math.floor(((price - low) / (high - low)) * (STEPS - 1));
      if (step < 0 || step >= STEPS) continue;
      const place = column * STEPS + step;
      heat[place] = (heat[place] ?? 0) + size;
    }
  });
  const usual = quantile(
    shots.flatMap((shot) => shot.map(([, size]) => Math.abs(size))),
    0.97,
  );
  const most = quantile(
    [...heat].map(Math.abs).filter((x) => x > 0),
    0.98,
  );
  return { at, rows, mid, heat, heatRows: STEPS, low, high, most, usual };
}

function quantile(values: number[], part: number): number {
  const ordered = values.sort((a, b) => a - b);
  return ordered[Math.min(ordered.length - 1, Math.floor(ordered.length * part))] ?? 1;
}
