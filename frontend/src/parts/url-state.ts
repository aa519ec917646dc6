import { useCallback, useEffect, useRef } from "react";
import { useLocation, useNavigate } from "react-router";

/** What was set but is not yet in the address: two values set at once must not undo each other. */
let pending: { from: string; next: string } | null = null;

/**
 * A value that lives in the address, so that the link shows the same thing to who gets it. Setting it replaces the entry
 * of the history; a value that is the initial one is left out.
 */
export function useUrlState(key: string, initial = ""): [string, (value: string) => void] {
  const { search, hash } = useLocation();
  const navigate = useNavigate();
  useEffect(() => {
    if (pending?.from !== search) pending = null;
  }, [search]);
  const value = new URLSearchParams(search).get(key) ?? initial;
  const latest = useRef({ search, hash, navigate });
  latest.current = { search, hash, navigate };
  // The same function all along: a part that is given it need not be drawn anew because another value changed.
  const set = useCallback(
    (to: string) => {
      const { search, hash, navigate } = latest.current;
      const base = pending?.from === search ? pending.next : search;
      const params = new URLSearchParams(base);
      if (to === initial) params.delete(key);
      else params.set(key, to);
      const text = params.toString();
      const next = text ? `?${text}` : "";
      pending = { from: search, next };
      navigate({ search: next, hash }, { replace: true, preventScrollReset: true });
    },
    [key, initial],
  );
  return [value, set];
}

/** A number that lives in the address. What is no number there counts as the initial one. */
export function useUrlNumber(key: string, initial: number): [number, (value: number) => void] {
  const [text, setText] = useUrlState(key, String(initial));
  const parsed = Number(text);
  const set = useCallback((value: number) => setText(String(value)), [setText]);
  return [text !== "" && Number.isFinite(parsed) ? parsed : initial, set];
}

/** A yes or no that lives in the address. */
export function useUrlFlag(key: string, initial = false): [boolean, (value: boolean) => void] {
  const [text, setText] = useUrlState(key, initial ? "1" : "0");
  const set = useCallback((value: boolean) => setText(value ? "1" : "0"), [setText]);
  return [text === "1", set];
}
