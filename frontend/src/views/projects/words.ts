import type { Shapes } from "../../api/client";
import type { Me } from "../../session/session";

export type JobState = Shapes["JobShape"]["state"];
export type Draft = Shapes["DraftShape"];
export type Detail = Shapes["ProjectDetail"];

/** What a state of a job is called. */
export const JOB_WORDS: Record<JobState, string> = {
  waiting: "waiting for its turn",
  running: "at work",
  done: "done",
  failed: "failed",
  cancelled: "cancelled",
  interrupted: "cut off",
};

/** What each command of a job is for. */
export const STEP_WORDS: Record<string, string> = {
  train: "Train the model",
  evaluate: "Measure it out of sample",
  predict: "Forecast the next bar",
  explain: "Explain the forecasts",
};

/** Whether a person may make projects. */
export function mayChange(me: Me): boolean {
  return me.roles.includes("analyst") || me.roles.includes("admin");
}

/** A title for a project made of `file`: its name without the end. */
export function titleOf(file: string): string {
  return (
    file
      .replace(/\.(csv|parquet)$/i, "")
      .replace(/[_-]+/g, " ")
      .trim() || "Prices"
  );
}

/** The share of a job that is done, in [0, 1]: commands that ended, and how far the present one says it is. */
export function shareDone(steps: readonly { state: string }[], done = 0, total = 0): number {
  if (steps.length === 0) return 0;
  const ended = steps.filter((step) => step.state === "done").length;
  const within = total > 0 && ended < steps.length ? Math.min(1, done / total) : 0;
  return (ended + within) / steps.length;
}
