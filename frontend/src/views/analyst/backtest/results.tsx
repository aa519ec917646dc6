import { Alert, SimpleGrid, Stack, Table, Text, Title } from "@mantine/core";
import { useMemo } from "react";
import type { Shapes } from "../../../api/client";
import { BarList } from "../../../parts/charts/bars";
import { LineChart } from "../../../parts/charts/lines";
import { DataTable } from "../../../parts/data-table";
import { count, number, percent, signed } from "../../../parts/format";
import { Stat, Stats } from "../../../parts/stat";

export type Found = Shapes["BacktestView"];
type Figures = Shapes["BacktestFigures"];
type Year = Shapes["BacktestYear"];

const KINDS: readonly [string, string][] = [
  ["forecasts", "These forecasts"],
  ["buy_and_hold", "Bought once and held"],
  ["always_up", "Always up, evened out daily"],
];
const ENDS = 8;

function points(days: readonly string[], values: readonly (number | null)[], sign = 1) {
  return days.map((time, i) => {
    const value = values[i] ?? null;
    return { time, value: value === null ? null : sign * value };
  });
}

/** What a setting would have earned, beside what asks for no forecast, and what luck may have given. */
export function Results({ found }: { found: Found }) {
  const equity = useMemo(
    () => [
      { name: "these forecasts, after costs", points: points(found.days, found.equity) },
      { name: "bought once and held", points: points(found.days, found.buy_and_hold) },
      { name: "always up", points: points(found.days, found.always_up) },
    ],
    [found],
  );
  const drawdown = useMemo(
    () => [
      { name: "fall from the peak", kind: "area" as const, points: points(found.days, found.drawdown, -1) },
    ],
    [found],
  );
  const turnover = useMemo(
    () => [
      { name: "turnover of the day", kind: "histogram" as const, points: points(found.days, found.turnover) },
    ],
    [found],
  );
  const own = found.figures.forecasts as Figures;
  const held = found.figures.buy_and_hold as Figures;
  return (
    <Stack gap="md">
      <Stats>
        <Stat
          label="Sharpe ratio, after costs"
          value={number(own.sharpe)}
          hint={`bought and held ${number(held.sharpe)}; a year, no risk-free rate`}
        />
        <Stat
          label="Return a year"
          value={percent(own.annual_return)}
          hint={`bought and held ${percent(held.annual_return)}`}
        />
        <Stat
          label="Largest fall"
          value={percent(own.max_drawdown)}
          hint={`bought and held ${percent(held.max_drawdown)}`}
        />
        <Stat
          label="Deflated Sharpe ratio"
          value={percent(found.luck.deflated)}
          hint={`probability that it is above luck of ${count(found.luck.trials)} ${found.luck.trials === 1 ? "try" : "tries"}`}
        />
        <Stat
          label="Turnover a year"
          value={number(found.annual_turnover, 1)}
          hint={`costs took ${percent(found.cost)} of the book in all`}
        />
        <Stat
          label="Exposure"
          value={percent(found.exposure, 0)}
          hint={`net ${percent(found.net_exposure, 0)}`}
        />
      </Stats>
      <Alert color="gray" variant="light" title="Looking at many variants is a search">
        {found.luck.words}
      </Alert>
      <LineChart label="Wealth from 1, after costs" series={equity} height={280} digits={3} />
      <SimpleGrid cols={{ base: 1, md: 2 }} spacing="md">
        <LineChart label="Fall from the peak" series={drawdown} unit="%" height={170} zero />
        <LineChart label="Turnover of the day" series={turnover} height={170} digits={2} zero />
      </SimpleGrid>
      <FiguresTable found={found} />
      <Years years={found.years} />
      <Contributions found={found} />
    </Stack>
  );
}

function FiguresTable({ found }: { found: Found }) {
  return (
    <section aria-label="Figures">
      <Title order={2} size="h4" mb="xs">
        Beside what asks for no forecast
      </Title>
      <Table.ScrollContainer
        minWidth={720}
        type="native"
        aria-label="Figures of each portfolio"
        tabIndex={0}
        role="region"
      >
        <Table fz="sm" verticalSpacing={5}>
          <Table.Thead>
            <Table.Tr>
              {[
                "Portfolio",
                "Return",
                "A year",
                "Volatility",
                "Sharpe",
                "Sortino",
                "Largest fall",
                "Calmar",
                "Days won",
              ].map((title) => (
                <Table.Th key={title} scope="col">
                  {title}
                </Table.Th>
              ))}
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {KINDS.map(([kind, name]) => {
              const one = found.figures[kind];
              return (
                one && (
                  <Table.Tr key={kind}>
                    <Table.Th scope="row">{name}</Table.Th>
                    <Table.Td>{percent(one.total_return)}</Table.Td>
                    <Table.Td>{percent(one.annual_return)}</Table.Td>
                    <Table.Td>{percent(one.annual_volatility)}</Table.Td>
                    <Table.Td>{number(one.sharpe)}</Table.Td>
                    <Table.Td>{number(one.sortino)}</Table.Td>
                    <Table.Td>{percent(one.max_drawdown)}</Table.Td>
                    <Table.Td>{number(one.calmar)}</Table.Td>
                    <Table.Td>{percent(one.hit_rate)}</Table.Td>
                  </Table.Tr>
                )
              );
            })}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
    </section>
  );
}

function Years({ years }: { years: readonly Year[] }) {
  return (
    <section aria-label="By year">
      <Title order={2} size="h4" mb="xs">
        By year
      </Title>
      <DataTable
        label="Years"
        rows={years}
        rowKey={(row) => String(row.year)}
        columns={[
          { key: "year", title: "Year" },
          { key: "days", title: "Days", numeric: true },
          { key: "net", title: "After costs", numeric: true, render: (row) => percent(row.net) },
          { key: "sharpe", title: "Sharpe", numeric: true, render: (row) => number(row.sharpe) },
          {
            key: "max_drawdown",
            title: "Largest fall",
            numeric: true,
            render: (row) => percent(row.max_drawdown),
          },
          { key: "turnover", title: "Turnover", numeric: true, render: (row) => number(row.turnover, 1) },
          { key: "buy_and_hold", title: "Held", numeric: true, render: (row) => percent(row.buy_and_hold) },
          { key: "always_up", title: "Always up", numeric: true, render: (row) => percent(row.always_up) },
        ]}
      />
    </section>
  );
}

function Contributions({ found }: { found: Found }) {
  const most = found.symbols.length;
  const ends =
    most <= 2 * ENDS ? found.symbols : [...found.symbols.slice(0, ENDS), ...found.symbols.slice(most - ENDS)];
  return (
    <section aria-label="By symbol">
      <Title order={2} size="h4" mb="xs">
        What each symbol gave
      </Title>
      <Text size="xs" c="dimmed" mb="xs">
        Sum of daily shares of the book, after costs
        {most > 2 * ENDS ? `; the best and worst ${ENDS} of ${count(most)}` : ""}. The table has all.
      </Text>
      <SimpleGrid cols={{ base: 1, md: 2 }} spacing="md">
        <BarList
          label="Contributions after costs"
          unit="%"
          signed
          items={ends.map((one) => ({ name: one.symbol, value: one.net }))}
        />
        <DataTable
          label="Contributions by symbol"
          rows={found.symbols}
          rowKey={(row) => row.symbol}
          height={420}
          columns={[
            { key: "symbol", title: "Symbol" },
            {
              key: "gross",
              title: "Before costs",
              numeric: true,
              render: (row) => `${signed(row.gross * 100, 2)} %`,
            },
            { key: "cost", title: "Costs", numeric: true, render: (row) => percent(row.cost, 2) },
            {
              key: "net",
              title: "After costs",
              numeric: true,
              render: (row) => `${signed(row.net * 100, 2)} %`,
            },
          ]}
        />
      </SimpleGrid>
    </section>
  );
}
