import type { Shapes } from "../../../api/client";

type Row = Shapes["InventoryRow"];

export interface Filters {
  text: string;
  stage: string;
  tier: string;
  lacking: boolean;
}

/** The stages of a version, in the order of its way. */
export const STAGES = ["draft", "validated", "approved", "champion", "retired"];

/** The rows that meet every condition. */
export function kept(rows: readonly Row[], { text, stage, tier, lacking }: Filters): Row[] {
  const wanted = text.trim().toLowerCase();
  return rows.filter(
    (row) =>
      (!stage || row.stage === stage) &&
      (!tier || row.tier === tier) &&
      (!lacking || !row.card_complete || !row.budget_kept || !row.owner || row.incidents > 0) &&
      (!wanted ||
        [row.reference, row.owner, row.author, row.purpose, row.use_case, row.data].some((value) =>
          value.toLowerCase().includes(wanted),
        )),
  );
}
