import { ActionIcon, Button, Grid, Group, Select, Stack, Text } from "@mantine/core";
import {
  IconPlayerPause,
  IconPlayerPlay,
  IconPlayerSkipBack,
  IconPlayerSkipForward,
  IconPlayerTrackNext,
  IconPlayerTrackPrev,
} from "@tabler/icons-react";
import { useEffect, useMemo, useRef, useState } from "react";
import type { Shapes } from "../../../api/client";
import { saveCsv } from "../../../parts/export";
import { count } from "../../../parts/format";
import { Loaded } from "../../../parts/states";
import { useUrlState } from "../../../parts/url-state";
import { useStretch } from "../api";
import { type Shortcut, useShortcuts } from "../keys";
import { type CaseEvidence, lasting } from "../words";
import type { Stretch } from "./book";
import { clockAt } from "./clock";
import { EventList } from "./event-list";
import { Heat } from "./heat";
import { Ladder } from "./ladder";
import { PriceTrack } from "./price-track";
import classes from "./replay.module.css";
import { usePlayer } from "./use-player";

const SPEEDS = [0.1, 1, 10, 60, 600, 3600];
const MOST_TICKS = 400;

interface ReplayProps {
  id: string;
  alert: Shapes["CaseAlert"];
  evidence: CaseEvidence | undefined;
}

/** The market around an alert, event by event, as it was in the book of its venue. */
export function Replay({ id, alert }: ReplayProps) {
  const [text, setAt] = useUrlState("at");
  const at = text === "" || !Number.isFinite(Number(text)) ? null : Math.max(0, Math.round(Number(text)));
  const [from, setFrom] = useState<number | null>(null);
  const query = useStretch(id, alert.id, alert.revision, from);
  const held = query.data;
  useEffect(() => {
    if (!held || at === null || query.isPlaceholderData) return;
    if (from === null && (at < held.start || at > held.end)) setFrom(at);
  }, [held, at, from, query.isPlaceholderData]);
  return (
    <Loaded query={query} height={520}>
      {(stretch) => (
        <Player
          key={`${stretch.start}-${stretch.end}`}
          stretch={stretch}
          at={at}
          onAt={(now) => setAt(String(Math.round(now)))}
          onFrom={(time) => {
            setAt(String(Math.round(time)));
            setFrom(Math.round(time));
          }}
        />
      )}
    </Loaded>
  );
}

function Player(props: {
  stretch: Stretch;
  at: number | null;
  onAt: (now: number) => void;
  onFrom: (time: number) => void;
}) {
  const { stretch, onFrom } = props;
  const [speedText, setSpeed] = useUrlState("speed", "1");
  const speed = SPEEDS.find((one) => String(one) === speedText) ?? 1;
  const inside = (time: number) => Math.max(stretch.start, Math.min(stretch.end, time));
  const player = usePlayer(stretch, inside(props.at ?? stretch.alert_start), speed);
  const { state, events, drawn, playing, setPlaying, seek, step, stepOwn, goRow } = player;

  // The address follows where the replay stands, but not each frame; and it follows the address when that is changed.
  const told = useRef(props.at);
  const tell = useRef(props.onAt);
  tell.current = props.onAt;
  const { now } = state;
  useEffect(() => {
    if (playing) return;
    const timer = setTimeout(() => {
      if (told.current === Math.round(now) || (told.current === null && now === inside(stretch.alert_start)))
        return;
      told.current = Math.round(now);
      tell.current(now);
    }, 300);
    return () => clearTimeout(timer);
  });
  useEffect(() => {
    if (props.at === null || props.at === told.current) return;
    told.current = props.at;
    if (props.at >= stretch.start && props.at <= stretch.end) seek(props.at);
  }, [props.at, seek, stretch]);

  const shortcuts: Shortcut[] = [
    { keys: [" "], shown: "Space", does: "Play or pause", run: () => setPlaying(!playing) },
    { keys: ["ArrowRight"], shown: "Right", does: "Next event of the accounts", run: () => stepOwn(1) },
    { keys: ["ArrowLeft"], shown: "Left", does: "Previous event of the accounts", run: () => stepOwn(-1) },
    { keys: ["."], shown: ".", does: "Next event of anybody", run: () => step(1) },
    { keys: [","], shown: ",", does: "Previous event of anybody", run: () => step(-1) },
    { keys: ["Home"], shown: "Home", does: "To the beginning", run: () => seek(stretch.start) },
    { keys: ["End"], shown: "End", does: "To the end", run: () => seek(stretch.end) },
  ];
  useShortcuts(shortcuts);
  const done = useMemo(() => {
    let low = 0;
    let high = events.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((events[middle]?.row ?? 0) < state.row) low = middle + 1;
      else high = middle;
    }
    return low;
  }, [events, state.row]);

  return (
    <Stack gap="sm">
      <Group gap="xs" role="group" aria-label="Play the market">
        <ActionIcon
          variant="default"
          size="lg"
          aria-label="Previous event of the accounts"
          onClick={() => stepOwn(-1)}
        >
          <IconPlayerSkipBack size={17} aria-hidden />
        </ActionIcon>
        <ActionIcon
          variant="default"
          size="lg"
          aria-label="Previous event of anybody"
          onClick={() => step(-1)}
        >
          <IconPlayerTrackPrev size={17} aria-hidden />
        </ActionIcon>
        <Button
          size="sm"
          w={110}
          leftSection={
            playing ? <IconPlayerPause size={17} aria-hidden /> : <IconPlayerPlay size={17} aria-hidden />
          }
          onClick={() => setPlaying(!playing)}
        >
          {playing ? "Pause" : "Play"}
        </Button>
        <ActionIcon variant="default" size="lg" aria-label="Next event of anybody" onClick={() => step(1)}>
          <IconPlayerTrackNext size={17} aria-hidden />
        </ActionIcon>
        <ActionIcon
          variant="default"
          size="lg"
          aria-label="Next event of the accounts"
          onClick={() => stepOwn(1)}
        >
          <IconPlayerSkipForward size={17} aria-hidden />
        </ActionIcon>
        <Select
          aria-label="Speed"
          size="sm"
          w={120}
          data={SPEEDS.map((one) => ({
            value: String(one),
            label: one === 1 ? "real time" : `${one} times`,
          }))}
          value={String(speed)}
          allowDeselect={false}
          onChange={(value) => setSpeed(value ?? "1")}
        />
        <Text size="lg" fw={650} style={{ fontVariantNumeric: "tabular-nums" }}>
          {clockAt(stretch, now)}{" "}
          <Text span size="sm" c="dimmed">
            UTC
          </Text>
        </Text>
      </Group>
      <Timeline stretch={stretch} events={events} now={now} onSeek={seek} />
      <Text size="xs" c="dimmed">
        Event {count(stretch.rows_before + state.row)} of {count(stretch.rows_total)} in {stretch.symbol};{" "}
        {count(done)} of {count(events.length)} of the accounts in this stretch. Space plays, arrows go to the
        accounts' events, comma and dot to anybody's. Silences longer than {lasting(1.5 * speed)} are skipped.
      </Text>
      {(stretch.rows_before > 0 || stretch.next !== null) && (
        <Group gap="xs">
          <Text size="sm">
            The whole time is {lasting(stretch.span / 1e9)}; {count(stretch.rows.time.length)} events of it
            are loaded.
          </Text>
          <Button size="xs" variant="default" disabled={stretch.rows_before === 0} onClick={() => onFrom(0)}>
            From the beginning
          </Button>
          <Button
            size="xs"
            variant="default"
            disabled={stretch.next === null}
            onClick={() => stretch.next !== null && onFrom(stretch.next)}
          >
            What follows
          </Button>
        </Group>
      )}
      <Grid gap="md">
        <Grid.Col span={{ base: 12, md: 5 }}>
          <Ladder depth={state.depth} unit={stretch.price_unit} most={drawn.usual} />
          <Text size="xs" c="dimmed" mt={4}>
            Shares at each price. The dark line and the last column: of these the suspects' own.
          </Text>
        </Grid.Col>
        <Grid.Col span={{ base: 12, md: 7 }}>
          <Stack gap="xs">
            <PriceTrack stretch={stretch} drawn={drawn} events={events} now={now} onPick={seek} />
            <Heat stretch={stretch} drawn={drawn} events={events} />
          </Stack>
        </Grid.Col>
      </Grid>
      <Group justify="space-between">
        <Text fw={650} size="sm" component="h2" m={0}>
          What the accounts did
        </Text>
        <Button
          size="xs"
          variant="subtle"
          onClick={() =>
            saveCsv(
              `${stretch.alert}_events.csv`,
              events.map((one) => ({ ...one, time: clockAt(stretch, one.time, 9) })),
              ["time", "account", "what", "size", "price", "order", "named"],
            )
          }
        >
          Save as CSV
        </Button>
      </Group>
      <EventList stretch={stretch} events={events} at={done} onPick={(one) => goRow(one.row + 1)} />
    </Stack>
  );
}

function Timeline({
  stretch,
  events,
  now,
  onSeek,
}: {
  stretch: Stretch;
  events: readonly { time: number; named: boolean }[];
  now: number;
  onSeek: (time: number) => void;
}) {
  const width = Math.max(1, stretch.end - stretch.start);
  const percent = (time: number) => Math.max(0, Math.min(100, (100 * (time - stretch.start)) / width));
  const ticks = useMemo(() => {
    const every = Math.ceil(events.length / MOST_TICKS);
    return events.filter((one, i) => one.named || i % every === 0).slice(0, 3 * MOST_TICKS);
  }, [events]);
  const drawnTicks = useMemo(
    () =>
      ticks.map((one, i) => (
        <span
          key={i}
          className={classes.tick}
          data-named={one.named}
          style={{ left: `${(100 * (one.time - stretch.start)) / width}%` }}
        />
      )),
    [ticks, stretch.start, width],
  );
  return (
    <div>
      <div className={classes.ticks} aria-hidden>
        <span
          className={classes.span}
          style={{
            left: `${percent(stretch.alert_start)}%`,
            width: `${percent(stretch.alert_end) - percent(stretch.alert_start)}%`,
          }}
        />
        {drawnTicks}
      </div>
      <input
        type="range"
        className={classes.slider}
        aria-label="Time of the replay"
        aria-valuetext={`${clockAt(stretch, now)} UTC`}
        min={0}
        max={1000}
        step="any"
        value={(1000 * (now - stretch.start)) / width}
        onChange={(event) => onSeek(stretch.start + (Number(event.currentTarget.value) * width) / 1000)}
      />
    </div>
  );
}
