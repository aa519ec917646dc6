import type { Shapes } from "../../../api/client";

type Waiting = Shapes["WaitingVersion"];
export type Which = "mine" | "waiting" | "all";

/** The versions to show: those whose next step this person may take, those on their way, or all. The longest wait first. */
export function chosen(versions: readonly Waiting[], which: Which, model: string): Waiting[] {
  return versions
    .filter((one) => !model || one.reference === model || one.name === model)
    .filter((one) => {
      const onward = one.acts.find((act) => act.onward);
      if (which === "all") return true;
      return which === "mine" ? onward?.mine === true : onward !== undefined;
    })
    .sort((a, b) => a.since.localeCompare(b.since));
}
