import { useEffect, useRef, useState } from "react";

const PAUSE = 350;

/** What is being typed, handed on when the typing pauses, so that not every letter is a search. */
export function useTyped(value: string, settle: (to: string) => void): [string, (to: string) => void] {
  const [typed, setTyped] = useState(value);
  const [seen, setSeen] = useState(value);
  if (seen !== value) {
    setSeen(value);
    setTyped(value);
  }
  const latest = useRef(settle);
  latest.current = settle;
  useEffect(() => {
    if (typed === value) return;
    const timer = setTimeout(() => latest.current(typed), PAUSE);
    return () => clearTimeout(timer);
  }, [typed, value]);
  return [typed, setTyped];
}
