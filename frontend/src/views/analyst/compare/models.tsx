import { Paper, Text, Title } from "@mantine/core";
import { DataTable } from "../../../parts/data-table";
import { day, number, percent } from "../../../parts/format";
import { type ComparedModels, size } from "./chosen";

const KINDS: Record<string, string> = {
  rule: "rule",
  line: "weighted sum",
  "shape functions": "shape functions",
  trees: "trees",
  net: "neural net",
  joined: "members joined",
};

/** All models of the evaluation, the primary first. */
export function Models({ of }: { of: ComparedModels }) {
  return (
    <Paper withBorder p="md" component="section" aria-labelledby="models">
      <Title order={2} size="h4" id="models">
        All models
      </Title>
      <Text size="xs" c="dimmed" mb="xs">
        {of.first && of.last ? `Forecasts of ${day(of.first)} to ${day(of.last)}. ` : ""}
        Skill is judged at one in twenty
        {of.trials && of.trials > 1 ? `, corrected for ${of.trials} variants tried` : ""}.
        {of.cost_bp === null ? "" : ` Costs are ${number(of.cost_bp, 1)} bp of turnover.`}
        {of.seconds === null ? "" : ` All were fitted in ${number(of.seconds, 0)} s.`} An interval that holds
        the accuracy of a plainer model says that more complexity has not shown its worth.
      </Text>
      <DataTable
        label="Models of this evaluation"
        rows={of.models}
        rowKey={(one) => one.name}
        columns={[
          { key: "name", title: "Model" },
          { key: "kind", title: "Kind", render: (one) => <Unbroken>{KINDS[one.kind] ?? one.kind}</Unbroken> },
          { key: "accuracy", title: "Accuracy", numeric: true, render: (one) => percent(one.accuracy) },
          {
            key: "lower",
            title: `${percent(of.level, 0)} interval`,
            numeric: true,
            render: (one) =>
              one.lower === null
                ? "–"
                : `${number(one.lower * 100, 1)} to ${number((one.upper ?? 0) * 100, 1)}`,
          },
          { key: "mcc", title: "MCC", numeric: true, render: (one) => number(one.mcc, 3) },
          { key: "brier", title: "Brier", numeric: true, render: (one) => number(one.brier, 4) },
          { key: "ic", title: "IC", numeric: true, render: (one) => number(one.ic, 3) },
          { key: "sharpe", title: "Sharpe", numeric: true, render: (one) => number(one.sharpe, 2) },
          {
            key: "p_value",
            title: "Skill (p)",
            numeric: true,
            render: (one) =>
              one.skill === null ? (
                "–"
              ) : (
                <Unbroken>{`${one.skill ? "yes" : "no"} (${one.p_value === null ? "–" : p(one.p_value)})`}</Unbroken>
              ),
          },
          { key: "weight", title: "Weight", numeric: true, render: (one) => percent(one.weight, 0) },
          { key: "bytes", title: "On disk", numeric: true, render: (one) => size(one.bytes) },
        ]}
      />
    </Paper>
  );
}

function Unbroken({ children }: { children: string }) {
  return <span style={{ whiteSpace: "nowrap" }}>{children}</span>;
}

function p(value: number): string {
  return value < 0.001 ? "< 0.001" : number(value, 3);
}
