/** Numbers and times as text; times are told in UTC, for so they are kept. */

const NONE = "–";
const plain = new Map<number, Intl.NumberFormat>();
/** Made when it is first used: making one takes the browser milliseconds, and a page is waited for. */
function once(options: Intl.DateTimeFormatOptions): (when: Date) => string {
  let format: Intl.DateTimeFormat | undefined;
  return (when) => {
    format ??= new Intl.DateTimeFormat("en-GB", { ...options, timeZone: "UTC" });
    return format.format(when);
  };
}

const DAY = { day: "numeric", month: "short", year: "numeric" } as const;
const dayText = once(DAY);
const momentText = once({ ...DAY, hour: "2-digit", minute: "2-digit", hourCycle: "h23" });

type Maybe = number | null | undefined;

function known(x: Maybe): x is number {
  return typeof x === "number" && Number.isFinite(x);
}

/** `0.1234` as `0.12`; thousands are parted, a lasting minus is a minus. */
export function number(x: Maybe, digits = 2): string {
  if (!known(x)) return NONE;
  let format = plain.get(digits);
  if (!format) {
    format = new Intl.NumberFormat("en-GB", { minimumFractionDigits: digits, maximumFractionDigits: digits });
    plain.set(digits, format);
  }
  return unsignedZero(format.format(x)).replace("-", "−");
}

/** A count: `12,345`. */
export function count(x: Maybe): string {
  return number(x, 0);
}

/** A fraction as a percentage: `0.531` is `53.1 %`. */
export function percent(x: Maybe, digits = 1): string {
  return known(x) ? `${number(x * 100, digits)} %` : NONE;
}

/** With its sign, also where it is positive: `+0.03`. */
export function signed(x: Maybe, digits = 2): string {
  if (!known(x)) return NONE;
  const text = number(x, digits);
  return x > 0 && /[1-9]/.test(text) ? `+${text}` : text;
}

/** A difference of two fractions in percentage points: `+1.2 pp`. */
export function points(x: Maybe, digits = 1): string {
  return known(x) ? `${signed(x * 100, digits)} pp` : NONE;
}

/** A fraction in basis points: `0.0012` is `12 bp`. */
export function basisPoints(x: Maybe, digits = 0): string {
  return known(x) ? `${number(x * 10_000, digits)} bp` : NONE;
}

/** An amount; the currency is told where it is known. */
export function money(x: Maybe, currency?: string, digits = 2): string {
  if (!known(x)) return NONE;
  return currency ? `${number(x, digits)} ${currency}` : number(x, digits);
}

/** `2024-03-05` as `5 Mar 2024`. */
export function day(iso: string | null | undefined): string {
  const when = at(iso);
  return when ? dayText(when) : NONE;
}

/** `2024-03-05T14:05:00Z` as `5 Mar 2024, 14:05 UTC`. */
export function moment(iso: string | null | undefined): string {
  const when = at(iso);
  return when ? `${momentText(when)} UTC` : NONE;
}

/** How long ago: `4 min ago`; older than a month as its day. */
export function ago(iso: string | null | undefined, now: number = Date.now()): string {
  const when = at(iso);
  if (!when) return NONE;
  const seconds = Math.round((now - when.getTime()) / 1000);
  if (seconds < -60) return moment(iso);
  if (seconds < 10) return "just now";
  if (seconds < 60) return `${seconds} s ago`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ago`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)} h ago`;
  const days = Math.floor(seconds / 86_400);
  return days < 31 ? `${days} ${days === 1 ? "day" : "days"} ago` : day(iso);
}

/** Values in a unit: `%` takes fractions, `bp` fractions too; any other unit follows the number. */
export function inUnit(x: Maybe, unit?: string, digits = 2): string {
  if (unit === "%") return percent(x, 1);
  if (unit === "bp") return basisPoints(x, 1);
  const text = number(x, digits);
  return unit && known(x) ? `${text} ${unit}` : text;
}

function at(iso: string | null | undefined): Date | null {
  if (!iso) return null;
  const zoned = iso.length <= 10 || /(Z|[+-]\d\d:?\d\d)$/.test(iso) ? iso : `${iso}Z`;
  const when = new Date(zoned);
  return Number.isNaN(when.getTime()) ? null : when;
}

function unsignedZero(text: string): string {
  return /[1-9]/.test(text) ? text : text.replace("-", "");
}
