import { Text, useComputedColorScheme } from "@mantine/core";
import { memo, useEffect, useRef } from "react";
import { number } from "../../../parts/format";
import type { Stretch } from "./book";
import type { Drawing, OwnEvent } from "./moments";
import classes from "./replay.module.css";

/** Shares at each price over time; what the accounts entered is drawn in. */
export const Heat = memo(function Heat({
  stretch,
  drawn,
  events,
}: {
  stretch: Stretch;
  drawn: Drawing;
  events: readonly OwnEvent[];
}) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const scheme = useComputedColorScheme("light");
  useEffect(() => {
    const box = canvas.current;
    const pen = box?.getContext("2d");
    if (!box || !pen) return;
    const columns = drawn.at.length;
    box.width = columns * 3;
    box.height = drawn.heatRows * 5;
    pen.clearRect(0, 0, box.width, box.height);
    for (let x = 0; x < columns; x += 1) {
      for (let y = 0; y < drawn.heatRows; y += 1) {
        const size = drawn.heat[x * drawn.heatRows + y] ?? 0;
        if (size === 0) continue;
        const dark = Math.min(1, Math.abs(size) / drawn.most);
        const tone = size > 0 ? "24, 100, 171" : "232, 89, 12";
        pen.fillStyle = `rgba(${tone}, ${0.1 + 0.9 * dark})`;
        pen.fillRect(x * 3, box.height - (y + 1) * 5, 3, 5);
      }
    }
    pen.fillStyle = scheme === "dark" ? "#fff" : "#000";
    const width = Math.max(1, stretch.end - stretch.start);
    for (const one of events) {
      if (one.price === null || !one.what.startsWith("Entered")) continue;
      const y = (one.price * stretch.price_unit - drawn.low) / (drawn.high - drawn.low);
      const x = (one.time - stretch.start) / width;
      if (y >= 0 && y <= 1) pen.fillRect(x * box.width - 1, box.height * (1 - y) - 2, 3, 4);
    }
  }, [stretch, drawn, events, scheme]);
  const unit = stretch.price_unit;
  return (
    <figure style={{ margin: 0 }}>
      <canvas
        ref={canvas}
        className={classes.canvas}
        role="img"
        aria-label={`Depth of the book of ${stretch.symbol} over time, prices from ${number(drawn.low / unit, 3)} to ${number(
          drawn.high / unit,
          3,
        )} dollars; the ladder tells the numbers of each moment`}
      />
      <Text component="figcaption" size="xs" c="dimmed">
        Depth over the same time, {number(drawn.low / unit, 3)} (below) to {number(drawn.high / unit, 3)}{" "}
        dollars. Blue: shares to buy, orange: to sell, the darker the more. Dots: orders the accounts entered.
      </Text>
    </figure>
  );
});
