import { useSyncExternalStore } from "react";

/** A request that takes longer than this makes the page say so. */
const LONG = 5_000;

const waiting = new Map<Request, ReturnType<typeof setTimeout>>();
const late = new Set<Request>();
const watching = new Set<() => void>();

function tell(): void {
  for (const one of watching) one();
}

/** Note that a request has begun. */
export function begun(request: Request): void {
  waiting.set(
    request,
    setTimeout(() => {
      late.add(request);
      tell();
    }, LONG),
  );
}

/** Note that it has ended, one way or another. */
export function ended(request: Request): void {
  clearTimeout(waiting.get(request));
  waiting.delete(request);
  if (late.delete(request)) tell();
}

function watch(one: () => void): () => void {
  watching.add(one);
  return () => watching.delete(one);
}

/** Whether an answer has been waited for too long. */
export function useSlow(): boolean {
  return useSyncExternalStore(watch, () => late.size > 0);
}
