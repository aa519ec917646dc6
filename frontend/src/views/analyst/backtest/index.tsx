import { Stack, Text } from "@mantine/core";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useMemo, useRef } from "react";
import { api, body } from "../../../api/client";
import { saveCsv, saveJson } from "../../../parts/export";
import { day } from "../../../parts/format";
import { useOffered } from "../../../parts/offers";
import { Failure, Loaded } from "../../../parts/states";
import { AnalystPage } from "../page";
import { ControlPanel } from "./control-panel";
import { queryOf, useControls } from "./controls";
import { type Found, Results } from "./results";

/** Trade the forecasts out of sample in any way, and be told what looking at many ways costs. */
export default function BacktestPage() {
  return (
    <AnalystPage
      title="Backtest explorer"
      lead="What portfolios of the forecasts out of sample would have earned after costs. Nothing here was seen in training, but every variant that is looked at counts as a try."
    >
      {(project) => <Explorer project={project.name} />}
    </AnalystPage>
  );
}

function Explorer({ project }: { project: string }) {
  const [controls, set] = useControls();
  const query = queryOf(controls);
  const found = useQuery({
    queryKey: ["analyst", "backtest", project, query],
    queryFn: ({ signal }) =>
      body(api.GET("/api/analyst/backtest/{project}", { params: { path: { project }, query }, signal })),
    placeholderData: keepPreviousData,
    staleTime: 60_000,
  });
  const span = useRef<{ first?: string; last?: string }>({});
  if (found.data) span.current = { first: found.data.first, last: found.data.last };
  return (
    <Stack gap="md">
      <ControlPanel controls={controls} set={set} first={span.current.first} last={span.current.last} />
      {found.error && found.data && <Failure error={found.error} />}
      <Loaded query={found} height={480}>
        {(view) => (
          <div aria-busy={found.isPlaceholderData}>
            <Offered found={view} />
            <Results found={view} />
            <Text size="xs" c="dimmed" mt="md">
              Forecasts can be traded from {day(view.first)} to {day(view.last)}. A position decided at a
              close is traded{" "}
              {view.controls.execution === "next_bar"
                ? "at the next one and earns from there on"
                : "at that very close, which nobody can do exactly"}
              . Costs are charged on every change of weights; closing the book on the last day is not charged.
              No taxes, borrowing costs or market impact beyond what is set above.
            </Text>
          </div>
        )}
      </Loaded>
    </Stack>
  );
}

function Offered({ found }: { found: Found }) {
  useOffered(
    useMemo(
      () => [
        { label: "Daily curve (CSV)", onExport: () => saveDays(found) },
        {
          label: "By symbol (CSV)",
          onExport: () =>
            saveCsv(`${found.project}-symbols.csv`, found.symbols, ["symbol", "gross", "cost", "net"]),
        },
        { label: "All of it (JSON)", onExport: () => saveJson(`${found.project}-backtest.json`, found) },
      ],
      [found],
    ),
  );
  return null;
}

const DAILY = ["day", "equity", "drawdown", "turnover", "buy_and_hold", "always_up"] as const;

function saveDays(found: Found) {
  const rows = found.days.map((one, i) => ({
    day: one,
    equity: found.equity[i],
    drawdown: found.drawdown[i],
    turnover: found.turnover[i],
    buy_and_hold: found.buy_and_hold[i],
    always_up: found.always_up[i],
  }));
  saveCsv(`${found.project}-backtest.csv`, rows, [...DAILY]);
}
