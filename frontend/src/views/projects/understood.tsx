import { Alert, Button, Checkbox, Group, List, Stack, Text, TextInput, Title } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { api, body, type Shapes } from "../../api/client";
import { DataTable } from "../../parts/data-table";
import { count, day, moment } from "../../parts/format";
import { Failure } from "../../parts/states";
import { Section } from "../executive/section";
import classes from "./projects.module.css";
import type { Draft } from "./words";

/** What a given table holds, how it was read, and what stands against it. */
export function Understood({ draft, onChange }: { draft: Draft; onChange: (draft: Draft) => void }) {
  const settle = useMutation({
    mutationFn: (change: Shapes["DraftChange"]) =>
      body(api.PATCH("/api/project-drafts/{draft}", { params: { path: { draft: draft.id } }, body: change })),
    onSuccess: onChange,
  });
  return (
    <Section title={`1. What ${draft.file} holds`}>
      <FirstRows draft={draft} />
      {draft.understood.length > 0 && (
        <List size="sm" spacing={4}>
          {draft.understood.map((one) => (
            <List.Item key={one}>{one}</List.Item>
          ))}
        </List>
      )}
      {draft.needs_symbol && (
        <Symbol draft={draft} busy={settle.isPending} onSymbol={(symbol) => settle.mutate({ symbol })} />
      )}
      {draft.problem && (
        <Alert color="red" title="This table cannot be used as it is" role="alert">
          <Text size="sm">{draft.problem.detail}</Text>
          {draft.problem.fix && <Text size="sm">What to do: {draft.problem.fix}.</Text>}
        </Alert>
      )}
      {draft.bad_rows > 0 && (
        <Faults
          draft={draft}
          busy={settle.isPending}
          onLeaveOut={(leave_out) => settle.mutate({ leave_out })}
        />
      )}
      {settle.error && <Failure error={settle.error} />}
      {draft.bars && <Bars draft={draft} bars={draft.bars} />}
    </Section>
  );
}

function FirstRows({ draft }: { draft: Draft }) {
  if (draft.header.length === 0) return null;
  return (
    <section className={classes.scroll} aria-label="First rows of the file" tabIndex={0}>
      <table className={classes.cells}>
        <thead>
          <tr>
            {draft.header.map((name) => (
              <th key={name} scope="col">
                {name || "(no name)"}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {draft.first.map((row, at) => (
            <tr key={at}>
              {row.map((cell, column) => (
                <td key={draft.header[column]}>{cell}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

function Symbol({
  draft,
  busy,
  onSymbol,
}: {
  draft: Draft;
  busy: boolean;
  onSymbol: (symbol: string) => void;
}) {
  const [text, setText] = useState(draft.symbol ?? draft.suggested ?? "");

  function submit(event: FormEvent) {
    event.preventDefault();
    onSymbol(text.trim());
  }

  return (
    <form onSubmit={submit}>
      <Group align="flex-end" gap="xs">
        <TextInput
          label="Whose bars are these?"
          description="The file has no column of symbols."
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
          required
          maxLength={40}
          w={220}
        />
        <Button type="submit" variant="default" loading={busy} disabled={text.trim() === ""}>
          {draft.symbol ? "Change the symbol" : "Use this symbol"}
        </Button>
      </Group>
    </form>
  );
}

function Faults({
  draft,
  busy,
  onLeaveOut,
}: {
  draft: Draft;
  busy: boolean;
  onLeaveOut: (leave: boolean) => void;
}) {
  const rows = draft.faults.map((one, at) => ({ ...one, at: String(at) }));
  return (
    <Stack gap="xs">
      <Title order={3} size="h5">
        {draft.bad_rows === 1 ? "One row is faulty" : `${count(draft.bad_rows)} rows are faulty`}
      </Title>
      <Text size="sm" c="dimmed">
        Rows are counted from 1 below the header. Mend them in the file and give it again, or go on without
        them.
        {draft.faults.length < draft.bad_rows ? ` The first ${count(draft.faults.length)} are shown.` : ""}
      </Text>
      <DataTable
        label="Faulty rows"
        rows={rows}
        rowKey={(one) => one.at}
        height={rows.length > 6 ? 260 : undefined}
        columns={[
          { key: "row", title: "Row", numeric: true, render: (one) => count(one.row) },
          { key: "column", title: "Column" },
          { key: "why", title: "What is wrong" },
          { key: "fix", title: "What to do" },
        ]}
      />
      <Checkbox
        label="Go on without the faulty rows (they are kept in a file of the project)"
        checked={draft.leave_out}
        disabled={busy}
        onChange={(event) => onLeaveOut(event.currentTarget.checked)}
      />
    </Stack>
  );
}

function Bars({ draft, bars }: { draft: Draft; bars: NonNullable<Draft["bars"]> }) {
  const when = bars.daily ? day : moment;
  const short = draft.short;
  return (
    <Alert color={short.length > 0 ? "yellow" : "cyan"} title="These bars can be used">
      <Text size="sm">
        {count(bars.bars)} {bars.daily ? "daily" : "intraday"} bars of{" "}
        {bars.symbols === 1 ? "one symbol" : `${count(bars.symbols)} symbols`} ({draft.some.join(", ")}
        {draft.some.length < bars.symbols ? ", …" : ""}), {when(bars.first)} to {when(bars.last)}.
      </Text>
      {short.length > 0 && (
        <Text size="sm">
          Too short to be forecast (fewer than 61 bars): {short.slice(0, 12).join(", ")}
          {short.length > 12 ? ", …" : ""}.
        </Text>
      )}
    </Alert>
  );
}
