import type { Shapes } from "../../../api/client";

export type Stretch = Shapes["ReplayStretch"];

export const NEW = 1;
export const CANCEL = 2;
export const TRADE = 3;
export const HIDDEN = 4;

/** Where an order is: gone, in its queue, trading on arrival, or kept by id because it crosses and nothing followed. */
const GONE = 0;
const RESTING = 1;
const PENDING = 2;
const ASIDE = 3;

const EVERY = 1_000;

/** Shares at one price, and how many of them are the suspects'. */
export interface Level {
  price: number;
  size: number;
  own: number;
}

export interface Depth {
  bids: Level[];
  asks: Level[];
}

interface Frame {
  row: number;
  left: Float64Array;
  state: Uint8Array;
  pending: number;
  pendingTime: number;
}

/**
 * The book of one stretch, which can be set to any of its rows. It goes forward event by event as the server's book
 * does, and keeps its state every thousand rows so that going back is quick too.
 */
export class BookPlayer {
  /** Rows that have been applied: the book shows the market after row `row - 1`. */
  row = 0;
  private readonly side: Int8Array;
  private readonly price: Float64Array;
  private readonly own: Uint8Array;
  private left: Float64Array;
  private state: Uint8Array;
  private pending = -1;
  private pendingTime = 0;
  private levels = [new Map<number, Level>(), new Map<number, Level>()] as const;
  private readonly frames: Frame[] = [];

  constructor(readonly stretch: Stretch) {
    const { book, rows, suspects } = stretch;
    const most = (numbers: readonly number[]) => numbers.reduce((a, b) => (b > a ? b : a), -1);
    const count = 1 + Math.max(most(book.order), most(rows.order), most(rows.taker_order));
    const own = new Set(suspects);
    this.side = new Int8Array(count);
    this.price = new Float64Array(count);
    this.own = new Uint8Array(count);
    this.left = new Float64Array(count);
    this.state = new Uint8Array(count);
    book.order.forEach((order, i) => {
      this.enter(
        order,
        book.side[i] ?? 0,
        book.price[i] ?? 0,
        book.left[i] ?? 0,
        own.has(book.account[i] ?? -1),
      );
      this.rest(order, true);
    });
    this.isOwn = own;
    this.keep();
  }

  private readonly isOwn: ReadonlySet<number>;

  get length(): number {
    return this.stretch.rows.time.length;
  }

  /** Bring the book to where `row` rows have been applied. */
  seek(row: number): void {
    const goal = Math.max(0, Math.min(this.length, row));
    if (goal < this.row || goal - this.row > EVERY) this.restore(goal);
    while (this.row < goal) this.step();
  }

  /** The best levels of both sides, best first. */
  depth(count: number): Depth {
    const [bids, asks] = this.levels;
    return { bids: nearest(bids, -1, count), asks: nearest(asks, 1, count) };
  }

  /** Every level, in no order; for pictures. */
  *all(): Generator<[side: 1 | -1, Level]> {
    for (const level of this.levels[0].values()) yield [1, level];
    for (const level of this.levels[1].values()) yield [-1, level];
  }

  best(side: 1 | -1): number | null {
    let found: number | null = null;
    for (const price of this.levels[side > 0 ? 0 : 1].keys())
      if (found === null || side * (price - found) > 0) found = price;
    return found;
  }

  private step(): void {
    const { rows } = this.stretch;
    const i = this.row;
    const kind = rows.kind[i] ?? 0;
    const order = rows.order[i] ?? -1;
    const size = rows.size[i] ?? 0;
    const taker = rows.taker_order[i] ?? -1;
    const trade = kind === TRADE || kind === HIDDEN;
    const own = (trade && taker === this.pending) || (kind === CANCEL && order === this.pending);
    if (!own) this.settle(false);
    if (kind === NEW && order >= 0) {
      if (this.state[order] !== GONE) this.reduce(order, this.left[order] ?? 0);
      this.enter(order, rows.side[i] ?? 0, rows.price[i] ?? 0, size, this.isOwn.has(rows.account[i] ?? -1));
      if ((rows.level[i] ?? 0) < 0) {
        this.settle(true);
        this.pending = order;
        this.pendingTime = rows.time[i] ?? 0;
      } else this.rest(order, false);
    } else if (kind === CANCEL && order >= 0) this.reduce(order, size);
    else if (kind === TRADE) {
      if (order >= 0) this.reduce(order, size);
      if (taker >= 0) this.reduce(taker, size);
    } else if (kind === HIDDEN && taker >= 0) this.reduce(taker, size);
    if (this.pending >= 0 && trade && !this.crosses(this.pending)) this.settle(true);
    this.row += 1;
    if (this.row % EVERY === 0) this.keep();
  }

  /** Another event than its execution has come: what no longer crosses rests, what still does is put aside. */
  private settle(anyway: boolean): void {
    const order = this.pending;
    if (order < 0) return;
    const crossing = this.crosses(order);
    if (crossing && !anyway && this.stretch.rows.time[this.row] === this.pendingTime) return;
    this.pending = -1;
    if (this.price[order] === 0) this.reduce(order, this.left[order] ?? 0);
    else if (crossing) this.state[order] = ASIDE;
    else this.rest(order, false);
  }

  private crosses(order: number): boolean {
    const side = (this.side[order] ?? 0) as 1 | -1;
    const other = this.best(side > 0 ? -1 : 1);
    const price = this.price[order] ?? 0;
    return other !== null && (price === 0 || side * (price - other) >= 0);
  }

  private enter(order: number, side: number, price: number, left: number, own: boolean): void {
    this.side[order] = side;
    this.price[order] = price;
    this.left[order] = left;
    this.own[order] = own ? 1 : 0;
    this.state[order] = PENDING;
  }

  private rest(order: number, checked: boolean): void {
    if ((this.left[order] ?? 0) <= 0 || this.price[order] === 0) {
      this.state[order] = GONE;
      return;
    }
    if (checked && this.crosses(order)) {
      this.state[order] = ASIDE;
      return;
    }
    this.state[order] = RESTING;
    this.add(order, this.left[order] ?? 0);
  }

  private reduce(order: number, size: number): void {
    const taken = Math.min(size, this.left[order] ?? 0);
    if (this.state[order] === RESTING) this.add(order, -taken);
    this.left[order] = (this.left[order] ?? 0) - taken;
    if ((this.left[order] ?? 0) <= 0) {
      this.state[order] = GONE;
      if (this.pending === order) this.pending = -1;
    }
  }

  private add(order: number, size: number): void {
    const levels = this.levels[(this.side[order] ?? 0) > 0 ? 0 : 1];
    const price = this.price[order] ?? 0;
    let level = levels.get(price);
    if (!level) {
      level = { price, size: 0, own: 0 };
      levels.set(price, level);
    }
    level.size += size;
    if (this.own[order]) level.own += size;
    if (level.size <= 0) levels.delete(price);
  }

  private keep(): void {
    const place = this.row / EVERY;
    this.frames[place] ??= {
      row: this.row,
      left: this.left.slice(),
      state: this.state.slice(),
      pending: this.pending,
      pendingTime: this.pendingTime,
    };
  }

  private restore(goal: number): void {
    let place = Math.min(Math.floor(goal / EVERY), this.frames.length - 1);
    while (place > 0 && !this.frames[place]) place -= 1;
    const frame = this.frames[place];
    if (!frame || (goal > this.row && frame.row <= this.row)) return;
    this.row = frame.row;
    this.left = frame.left.slice();
    this.state = frame.state.slice();
    this.pending = frame.pending;
    this.pendingTime = frame.pendingTime;
    this.replayIdentity(frame.row);
    this.levels = [new Map(), new Map()];
    for (let order = 0; order < this.state.length; order += 1)
      if (this.state[order] === RESTING) this.add(order, this.left[order] ?? 0);
  }

  /** An id that is used again within the stretch has the side and price of its last entry before `row`. */
  private replayIdentity(row: number): void {
    const { rows, book } = this.stretch;
    book.order.forEach((order, i) => {
      this.side[order] = book.side[i] ?? 0;
      this.price[order] = book.price[i] ?? 0;
    });
    for (let i = 0; i < row; i += 1) {
      if (rows.kind[i] !== NEW) continue;
      const order = rows.order[i] ?? -1;
      if (order < 0) continue;
      this.side[order] = rows.side[i] ?? 0;
      this.price[order] = rows.price[i] ?? 0;
      this.own[order] = this.isOwn.has(rows.account[i] ?? -1) ? 1 : 0;
    }
  }
}

/** Copies of the best levels of a side, best first, in one pass: a book may have a thousand. */
function nearest(levels: ReadonlyMap<number, Level>, sign: 1 | -1, count: number): Level[] {
  const found: Level[] = [];
  for (const level of levels.values()) {
    const last = found[found.length - 1];
    if (found.length >= count && last && sign * (level.price - last.price) >= 0) continue;
    let place = found.length;
    while (place > 0 && sign * (level.price - (found[place - 1]?.price ?? 0)) < 0) place -= 1;
    found.splice(place, 0, { ...level });
    if (found.length > count) found.pop();
  }
  return found;
}
