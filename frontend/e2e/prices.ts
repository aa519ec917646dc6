/** Numbers in [0, 1) that are the same on every run (mulberry32). */
function numbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Daily bars of one symbol as Yahoo Finance offers them for download: a walk without memory, so that nothing in it can be foreseen. */
export function walkedBars(days: number, seed: number): string {
  const next = numbers(seed);
  const normal = () => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next());
  const rows = ["Date,Open,High,Low,Close,Adj Close,Volume"];
  const date = new Date(Date.UTC(2021, 0, 4));
  let close = 100;
  while (rows.length <= days) {
    if (date.getUTCDay() % 6 !== 0) {
      const open = close * Math.exp(0.003 * normal());
      close = open * Math.exp(0.012 * normal());
      const high = Math.max(open, close) * (1 + 0.006 * next());
      const low = Math.min(open, close) * (1 - 0.006 * next());
      const volume = Math.round(1e6 * Math.exp(0.3 * normal()));
      const told = [open, high, low, close, close].map((price) => price.toFixed(4));
      rows.push([date.toISOString().slice(0, 10), ...told, volume].join(","));
    }
    date.setUTCDate(date.getUTCDate() + 1);
  }
  return `${rows.join("\n")}\n`;
}
