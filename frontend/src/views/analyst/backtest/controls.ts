import type { Shapes } from "../../../api/client";
import { useUrlNumber, useUrlState } from "../../../parts/url-state";

type Kept = Shapes["BacktestControls"];

/** One setting of the explorer, as it stands in the address. */
export interface Controls {
  weights: Kept["weights"];
  side: Kept["side"];
  signal: Kept["signal"];
  execution: Kept["execution"];
  tail: number;
  least: number;
  cost_bp: number;
  slippage_bp: number;
  start: string;
  end: string;
}

export const INITIAL: Controls = {
  weights: "sign",
  side: "long_short",
  signal: "probability",
  execution: "next_bar",
  tail: 0.1,
  least: 0,
  cost_bp: 5,
  slippage_bp: 0,
  start: "",
  end: "",
};

export const CHOICES = {
  weights: [
    { value: "sign", label: "Every symbol, one share" },
    { value: "rank", label: "By rank of the day" },
    { value: "decile", label: "Tails of the day" },
  ],
  side: [
    { value: "long_short", label: "Long and short" },
    { value: "long_only", label: "Long only" },
  ],
  signal: [
    { value: "probability", label: "Probability" },
    { value: "expected_return", label: "Expected return" },
  ],
  execution: [
    { value: "next_bar", label: "One bar later" },
    { value: "close", label: "At the close seen" },
  ],
} as const;

/** The value where it is among the choices, else the initial one: an address may hold anything. */
export function chosen<K extends keyof typeof CHOICES>(key: K, value: string): Controls[K] {
  return CHOICES[key].some((one) => one.value === value) ? (value as Controls[K]) : INITIAL[key];
}

/** A number kept within its bounds. */
export function within(value: number, low: number, high: number): number {
  return Math.min(high, Math.max(low, value));
}

/** What is asked of the server: only what counts under the kind of weights that is chosen. */
export function queryOf(controls: Controls) {
  const { start, end, tail, least, ...rest } = controls;
  return {
    ...rest,
    ...(controls.weights === "decile" ? { tail } : {}),
    ...(controls.weights === "sign" ? { least } : {}),
    ...(start ? { start } : {}),
    ...(end ? { end } : {}),
  };
}

export type SetControl = <K extends keyof Controls>(key: K, value: Controls[K]) => void;

/** The controls, all of them in the address. */
export function useControls(): [Controls, SetControl] {
  const [weights, setWeights] = useUrlState("weights", INITIAL.weights);
  const [side, setSide] = useUrlState("side", INITIAL.side);
  const [signal, setSignal] = useUrlState("signal", INITIAL.signal);
  const [execution, setExecution] = useUrlState("execution", INITIAL.execution);
  const [tail, setTail] = useUrlNumber("tail", INITIAL.tail);
  const [least, setLeast] = useUrlNumber("least", INITIAL.least);
  const [cost, setCost] = useUrlNumber("cost", INITIAL.cost_bp);
  const [slippage, setSlippage] = useUrlNumber("slippage", INITIAL.slippage_bp);
  const [start, setStart] = useUrlState("from", INITIAL.start);
  const [end, setEnd] = useUrlState("to", INITIAL.end);
  const setters: { [K in keyof Controls]: (value: Controls[K]) => void } = {
    weights: setWeights,
    side: setSide,
    signal: setSignal,
    execution: setExecution,
    tail: setTail,
    least: setLeast,
    cost_bp: setCost,
    slippage_bp: setSlippage,
    start: setStart,
    end: setEnd,
  };
  const controls: Controls = {
    weights: chosen("weights", weights),
    side: chosen("side", side),
    signal: chosen("signal", signal),
    execution: chosen("execution", execution),
    tail: within(tail, 0.01, 0.5),
    least: within(least, 0, 0.49),
    cost_bp: within(cost, 0, 1000),
    slippage_bp: within(slippage, 0, 1000),
    start: /^\d{4}-\d\d-\d\d$/.test(start) ? start : "",
    end: /^\d{4}-\d\d-\d\d$/.test(end) ? end : "",
  };
  return [controls, (key, value) => setters[key](value)];
}
