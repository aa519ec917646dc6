import { Alert, type AlertProps, Badge } from "@mantine/core";
import type { ReactNode } from "react";

export type MarkTone = "plain" | "good" | "warn" | "bad" | "soft";

const COLOURS: Record<MarkTone, string> = {
  plain: "var(--mantine-color-text)",
  good: "var(--tw-good)",
  warn: "var(--tw-warning)",
  bad: "var(--tw-bad)",
  soft: "var(--mantine-color-dimmed)",
};

/** A word that carries a judgement: the word says it, the colour only helps. */
export function Mark({ tone, children }: { tone: MarkTone; children: ReactNode }) {
  return (
    <Badge
      variant="outline"
      size="sm"
      radius="sm"
      tt="none"
      style={{ color: COLOURS[tone], borderColor: COLOURS[tone], flex: "none" }}
      styles={{ label: { overflow: "visible" } }}
    >
      {children}
    </Badge>
  );
}

/** The colour of a tone, for text. */
export function colourOf(tone: MarkTone): string {
  return COLOURS[tone];
}

/** The tone of a stage of a model. */
export function stageTone(stage: string): MarkTone {
  if (stage === "champion" || stage === "approved") return "good";
  if (stage === "validated") return "plain";
  return stage === "retired" ? "soft" : "warn";
}

/** What must not be overlooked; its title keeps the contrast of text. */
export function Notice(props: AlertProps) {
  return <Alert variant="light" styles={{ title: { color: "var(--mantine-color-text)" } }} {...props} />;
}
