import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { BookPlayer, type Depth, type Stretch } from "./book";
import { drawing, ownEvents, rowAt } from "./moments";

const LEVELS = 10;
/** Seconds of the wall after which a silence is skipped. */
const PATIENCE = 1.5;

export interface PlayerState {
  /** Nanoseconds from the base. */
  now: number;
  /** Rows that have happened. */
  row: number;
  depth: Depth;
}

/** The replay of a stretch: where it stands, and what moves it. */
export function usePlayer(stretch: Stretch, start: number, speed: number) {
  const player = useMemo(() => new BookPlayer(stretch), [stretch]);
  const events = useMemo(() => ownEvents(stretch), [stretch]);
  const drawn = useMemo(() => drawing(stretch), [stretch]);
  const times = stretch.rows.time;
  const [playing, setPlaying] = useState(false);
  const show = useCallback(
    (now: number, row = rowAt(times, now)): PlayerState => {
      player.seek(row);
      return { now, row, depth: player.depth(LEVELS) };
    },
    [player, times],
  );
  const [state, setState] = useState(() => show(start));
  const latest = useRef(state);
  latest.current = state;

  const seek = useCallback(
    (now: number) => setState(show(Math.max(stretch.start, Math.min(stretch.end, now)))),
    [show, stretch],
  );
  /** Go to just after a row; rows of the same moment after it have not happened yet. */
  const goRow = useCallback(
    (row: number) => {
      const to = Math.max(0, Math.min(times.length, row));
      setState(show(to > 0 ? (times[to - 1] ?? stretch.start) : stretch.start, to));
    },
    [show, times, stretch],
  );
  const step = useCallback((by: number) => goRow(latest.current.row + by), [goRow]);
  const stepOwn = useCallback(
    (by: 1 | -1) => {
      const { row } = latest.current;
      const done = events.filter((one) => one.row < row).length;
      const next = by > 0 ? events[done] : events[done - 2];
      if (next) goRow(next.row + 1);
    },
    [events, goRow],
  );

  useEffect(() => {
    if (!playing) return;
    let frame = 0;
    let before = performance.now();
    const tick = (wall: number) => {
      const passed = (wall - before) / 1000;
      before = wall;
      const { now, row } = latest.current;
      let to = now + passed * speed * 1e9;
      const next = times[row];
      if (next !== undefined && next - to > PATIENCE * speed * 1e9) to = next;
      if (to >= stretch.end || row >= times.length) {
        setState(show(stretch.end));
        setPlaying(false);
        return;
      }
      setState(show(to));
      frame = requestAnimationFrame(tick);
    };
    frame = requestAnimationFrame(tick);
    return () => cancelAnimationFrame(frame);
  }, [playing, speed, show, stretch, times]);

  return { state, events, drawn, playing, setPlaying, seek, step, stepOwn, goRow };
}
