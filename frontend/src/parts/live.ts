import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef, useSyncExternalStore } from "react";

/** Whether changes arrive by themselves. */
export type LiveState = "starting" | "live" | "lost";

type Heard = (body: unknown) => void;

const FIRST_WAIT = 1_000;
const LONGEST_WAIT = 30_000;

/** One stream of changes for the whole page; it is opened by the first who listens and tries again when it is lost. */
class LiveStream {
  state: LiveState = "starting";
  private source: EventSource | null = null;
  private wait = FIRST_WAIT;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private readonly heard = new Map<string, Set<Heard>>();
  private readonly watching = new Set<() => void>();
  private readonly back = new Set<() => void>();

  on(topic: string, hear: Heard): () => void {
    let all = this.heard.get(topic);
    if (!all) {
      all = new Set();
      this.heard.set(topic, all);
      this.source?.addEventListener(topic, this.spread);
    }
    all.add(hear);
    this.open();
    return () => all.delete(hear);
  }

  /** Be told when the stream is back after it was lost: what happened meanwhile was missed. */
  onBack(tell: () => void): () => void {
    this.back.add(tell);
    return () => this.back.delete(tell);
  }

  watch = (tell: () => void): (() => void) => {
    this.watching.add(tell);
    this.open();
    return () => this.watching.delete(tell);
  };

  now = (): LiveState => this.state;

  private open(): void {
    if (this.source || this.timer !== undefined || typeof EventSource === "undefined") return;
    const source = new EventSource("/api/live");
    this.source = source;
    for (const topic of this.heard.keys()) source.addEventListener(topic, this.spread);
    source.onopen = () => {
      const missed = this.state === "lost";
      this.wait = FIRST_WAIT;
      this.turn("live");
      if (missed) for (const tell of this.back) tell();
    };
    source.onerror = () => {
      // The browser tries again by itself after some failures and not after others; we always do.
      source.close();
      this.source = null;
      this.turn("lost");
      this.timer = setTimeout(() => {
        this.timer = undefined;
        this.open();
      }, this.wait);
      this.wait = Math.min(this.wait * 2, LONGEST_WAIT);
    };
  }

  private readonly spread = (event: MessageEvent<string>) => {
    const body: unknown = JSON.parse(event.data);
    for (const hear of this.heard.get(event.type) ?? []) hear(body);
  };

  private turn(to: LiveState): void {
    if (this.state === to) return;
    this.state = to;
    for (const tell of this.watching) tell();
  }
}

const stream = new LiveStream();

/** Whether changes arrive by themselves. */
export function useLiveState(): LiveState {
  return useSyncExternalStore(stream.watch, stream.now);
}

/** Hear every event of a topic, with its values. */
export function useLiveEvents(topics: readonly string[], hear: (topic: string, body: unknown) => void): void {
  const latest = useRef(hear);
  latest.current = hear;
  const names = topics.join(" ");
  useEffect(() => {
    const off = names.split(" ").map((topic) => stream.on(topic, (body) => latest.current(topic, body)));
    return () => {
      for (const stop of off) stop();
    };
  }, [names]);
}

/**
 * Ask anew for `queryKeys` when the server tells one of `topics`, and when the stream was lost and is back. Several
 * events at once make one request.
 */
export function useLive(topics: readonly string[], queryKeys: readonly (readonly unknown[])[]): void {
  const client = useQueryClient();
  const keys = useRef(queryKeys);
  keys.current = queryKeys;
  const names = topics.join(" ");
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const ask = () => {
      clearTimeout(timer);
      timer = setTimeout(() => {
        for (const queryKey of keys.current) void client.invalidateQueries({ queryKey: [...queryKey] });
      }, 150);
    };
    const off = [...names.split(" ").map((topic) => stream.on(topic, ask)), stream.onBack(ask)];
    return () => {
      clearTimeout(timer);
      for (const stop of off) stop();
    };
  }, [client, names]);
}
