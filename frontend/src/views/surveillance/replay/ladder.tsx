import { memo } from "react";
import { number } from "../../../parts/format";
import type { Depth, Level } from "./book";
import classes from "./replay.module.css";

const LEVELS = 10;

/** The best ten levels of both sides: shares at each price, and how many of them are the suspects'. */
export const Ladder = memo(function Ladder({
  depth,
  unit,
  most,
}: {
  depth: Depth;
  unit: number;
  most: number;
}) {
  const asks: (Level | undefined)[] = Array.from({ length: LEVELS }, (_, i) => depth.asks[LEVELS - 1 - i]);
  const bids: (Level | undefined)[] = Array.from({ length: LEVELS }, (_, i) => depth.bids[i]);
  const [bid, ask] = [depth.bids[0], depth.asks[0]];
  return (
    <table className={classes.ladder}>
      <caption className={classes.hidden}>Order book, ten levels a side, the dearest price first</caption>
      <thead>
        <tr>
          <th scope="col">Side</th>
          <th scope="col">Price ($)</th>
          <th scope="col">Shares</th>
          <th scope="col">Suspects'</th>
        </tr>
      </thead>
      <tbody>
        {asks.map((level, i) => (
          <Rung key={`a${i}`} side="sell" level={level} unit={unit} most={most} />
        ))}
        <tr className={classes.spread}>
          <td colSpan={4}>
            {bid && ask ? `spread ${number((ask.price - bid.price) / unit, 4)}` : "one side is empty"}
          </td>
        </tr>
        {bids.map((level, i) => (
          <Rung key={`b${i}`} side="buy" level={level} unit={unit} most={most} />
        ))}
      </tbody>
    </table>
  );
});

function Rung({
  side,
  level,
  unit,
  most,
}: {
  side: "buy" | "sell";
  level: Level | undefined;
  unit: number;
  most: number;
}) {
  if (!level)
    return (
      <tr>
        <td>{side}</td>
        <td colSpan={3} />
      </tr>
    );
  const width = Math.min(100, (level.size / most) * 100);
  const own = Math.min(100, (level.own / most) * 100);
  return (
    <tr className={level.own > 0 ? classes.suspect : undefined}>
      <td>{side}</td>
      <td className={classes.number}>{number(level.price / unit, 4)}</td>
      <td className={classes.number}>
        <span className={classes.bar} data-side={side} style={{ width: `${width}%` }} aria-hidden />
        <span className={classes.ownBar} style={{ width: `${own}%` }} aria-hidden />
        <span className={classes.over}>{number(level.size, 0)}</span>
      </td>
      <td className={classes.number}>{level.own > 0 ? number(level.own, 0) : ""}</td>
    </tr>
  );
}
