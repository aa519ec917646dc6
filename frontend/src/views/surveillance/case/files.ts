import { useMemo } from "react";
import { Problem } from "../../../api/client";
import { saveBlob, saveCsv, saveJson } from "../../../parts/export";
import type { Export } from "../../../parts/view-page";
import type { CaseEvidence } from "../words";

const LONG = 300_000;

/** What can be taken away of a case: its file, made from the events anew, and the evidence as tables. */
export function useCaseFiles(id: string, evidence: CaseEvidence | undefined): Export[] {
  return useMemo(() => {
    const file = (format: "html" | "pdf" | "json", label: string): Export => ({
      label,
      onExport: async () => saveBlob(`case_${id}.${format}`, await caseFile(id, format)),
    });
    const files = [
      file("html", "Case file, HTML"),
      file("pdf", "Case file, PDF"),
      file("json", "Case file, JSON"),
    ];
    if (!evidence) return files;
    const name = `${id}_${evidence.alert}`;
    return [
      ...files,
      {
        label: "Orders, CSV",
        onExport: () =>
          saveCsv(`${name}_orders.csv`, evidence.orders, [
            "order",
            "account",
            "side",
            "price",
            "size",
            "level",
            "entered_time",
            "seconds",
            "executed",
            "cancelled",
            "executions",
            "entered_before",
          ]),
      },
      {
        label: "Chain of evidence, CSV",
        onExport: () =>
          saveCsv(`${name}_steps.csv`, evidence.steps, [
            "time",
            "seq",
            "who",
            "what",
            "why",
            "order",
            "named",
          ]),
      },
      { label: "Evidence, JSON", onExport: () => saveJson(`${name}.json`, evidence) },
    ];
  }, [id, evidence]);
}

/** The file is made while one waits, and may take longer than other answers do. */
async function caseFile(id: string, format: string): Promise<Blob> {
  const answer = await fetch(`/api/surveillance/cases/${encodeURIComponent(id)}/file?format=${format}`, {
    signal: AbortSignal.timeout(LONG),
  });
  if (answer.ok) return answer.blob();
  const said: unknown = await answer.json();
  const shape = said as { title?: string; detail?: string; fix?: string };
  throw new Problem({
    title: shape.title ?? "The file could not be made",
    detail: [shape.detail ?? `The dashboard answered ${answer.status}.`, shape.fix].filter(Boolean).join(" "),
    status: answer.status,
  });
}
