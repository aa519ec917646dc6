import type { Stretch } from "./book";

/** A moment of a stretch, nanoseconds from its base, as a time of day; cut, never rounded up. */
export function clockAt(stretch: Pick<Stretch, "base">, at: number, digits = 3): string {
  const time = BigInt(stretch.base) + BigInt(Math.round(at));
  const second = 1_000_000_000n;
  const whole = time / second;
  const rest = String(time - whole * second).padStart(9, "0");
  const clock = new Date(Number(whole) * 1000).toISOString().slice(11, 19);
  return digits > 0 ? `${clock}.${rest.slice(0, digits)}` : clock;
}
