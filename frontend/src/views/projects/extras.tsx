import { Button, FileButton, Group, Stack, Text } from "@mantine/core";
import { useState } from "react";
import { api, body } from "../../api/client";
import { Failure } from "../../parts/states";
import { Section } from "../executive/section";
import { upload } from "./upload";
import type { Draft } from "./words";

const KINDS = [
  { kind: "universe", label: "Universe", says: "symbol, name, sector, market_cap: names, sectors and sizes" },
  { kind: "news", label: "News", says: "symbol, published_at (UTC), source, text: becomes features" },
  { kind: "fear", label: "Fear index", says: "date, close of an index such as VIX" },
] as const;

type Kind = (typeof KINDS)[number]["kind"];

/** Files beside the prices; none is needed. */
export function Extras({ draft, onChange }: { draft: Draft; onChange: (draft: Draft) => void }) {
  const [busy, setBusy] = useState<Kind | null>(null);
  const [problem, setProblem] = useState<Error | null>(null);

  async function run(kind: Kind, work: () => Promise<Draft>) {
    setBusy(kind);
    setProblem(null);
    try {
      onChange(await work());
    } catch (error) {
      setProblem(error as Error);
    } finally {
      setBusy(null);
    }
  }

  const give = (kind: Kind, file: File | null) =>
    file && run(kind, () => upload("PUT", `/api/project-drafts/${draft.id}/files/${kind}`, file, () => {}));
  const drop = (kind: Kind) =>
    run(kind, () =>
      body(
        api.DELETE("/api/project-drafts/{draft}/files/{kind}", {
          params: { path: { draft: draft.id, kind } },
        }),
      ),
    );

  return (
    <Section title="2. What else there is" says="None of these is needed.">
      <Stack gap="sm">
        {KINDS.map(({ kind, label, says }) => {
          const given = draft.extras[kind];
          return (
            <Group key={kind} gap="sm" align="center">
              <Text size="sm" style={{ flex: "1 1 240px" }}>
                <b>{label}</b>: {given ? given.name : says}
                {given?.problem && (
                  <Text span c="var(--tw-bad)" size="sm" role="alert">
                    {" "}
                    {given.problem.detail} {given.problem.fix && `What to do: ${given.problem.fix}.`}
                  </Text>
                )}
              </Text>
              <FileButton accept=".csv,.parquet" onChange={(file) => give(kind, file)}>
                {(props) => (
                  <Button {...props} size="xs" variant="default" loading={busy === kind}>
                    {given ? `Another ${label.toLowerCase()}` : `Add ${label.toLowerCase()}`}
                  </Button>
                )}
              </FileButton>
              {given && (
                <Button size="xs" variant="subtle" onClick={() => drop(kind)} disabled={busy !== null}>
                  Leave {label.toLowerCase()} out
                </Button>
              )}
            </Group>
          );
        })}
        {problem && <Failure error={problem} />}
      </Stack>
    </Section>
  );
}
