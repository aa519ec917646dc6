import { Anchor, Text } from "@mantine/core";
import { memo } from "react";
import { count, number } from "../../../parts/format";
import type { Stretch } from "./book";
import { clockAt } from "./clock";
import type { OwnEvent } from "./moments";
import classes from "./replay.module.css";

const BEFORE = 6;
const SHOWN = 16;

/** What the accounts did around the present moment; the last thing that has happened is marked. */
export const EventList = memo(function EventList({
  stretch,
  events,
  at,
  onPick,
}: {
  stretch: Stretch;
  events: readonly OwnEvent[];
  /** How many have happened. */
  at: number;
  onPick: (event: OwnEvent) => void;
}) {
  const first = Math.max(0, Math.min(at - BEFORE, events.length - SHOWN));
  const shown = events.slice(first, first + SHOWN);
  return (
    <section className={classes.scroll} aria-label="What the accounts did" tabIndex={0}>
      <table className={classes.events}>
        <caption className={classes.hidden}>What the accounts did around this moment</caption>
        <thead>
          <tr>
            <th scope="col">Time (UTC)</th>
            <th scope="col">Account</th>
            <th scope="col">What</th>
            <th scope="col" className={classes.number}>
              Shares
            </th>
            <th scope="col" className={classes.number}>
              Price ($)
            </th>
            <th scope="col">Order</th>
          </tr>
        </thead>
        <tbody>
          {shown.map((one, i) => (
            <tr key={`${one.row}-${one.account}`} aria-current={first + i === at - 1 ? "true" : undefined}>
              <td>
                <Anchor component="button" type="button" size="xs" onClick={() => onPick(one)}>
                  {clockAt(stretch, one.time, 6)}
                </Anchor>
              </td>
              <td>{one.account}</td>
              <td>
                {one.what}
                {one.named ? " (evidence)" : ""}
              </td>
              <td className={classes.number}>{count(one.size)}</td>
              <td className={classes.number}>{one.price === null ? "market" : number(one.price, 4)}</td>
              <td>{one.order}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {events.length === 0 && (
        <Text size="sm" c="dimmed">
          The accounts did nothing in this stretch.
        </Text>
      )}
    </section>
  );
});
