import { Alert, Button, Group, Select, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { type ReactNode, useMemo } from "react";
import { api, body, type Shapes } from "../../../api/client";
import { useProject } from "../../../parts/project-picker";
import { Failure } from "../../../parts/states";
import { useUrlState } from "../../../parts/url-state";

/** The forecast that is asked about. */
export interface Asked {
  project: string;
  symbol: string;
  /** A day, or nothing for the newest bar. */
  date: string | undefined;
}

const DAY = /^\d{4}-\d{2}-\d{2}$/;
const OF_ANOTHER_PROJECT = ["symbol", "date", "group", "set", "say"] as const;

/** Which forecast is asked about, kept in the address, and the boxes to choose it by. */
export function useAsked(): [Asked | null, ReactNode] {
  const [project, projectPicker] = useProject(OF_ANOTHER_PROJECT);
  const [named, setSymbol] = useUrlState("symbol");
  const [day, setDay] = useUrlState("date");
  const name = project?.name;
  const bars = useQuery({
    queryKey: ["why", "bars", name],
    queryFn: () => body(api.GET("/api/analyst/why/bars", { params: { query: { project: name ?? "" } } })),
    enabled: name !== undefined,
    staleTime: 300_000,
  });
  const symbols = bars.data?.symbols ?? [];
  const names = useMemo(() => bars.data?.symbols.map((one) => one.symbol) ?? [], [bars.data]);
  const found = named ? symbols.find((one) => one.symbol === named) : symbols[0];
  const picker = (
    <>
      <Group gap="sm" align="flex-end">
        {projectPicker}
        <Select
          label="Symbol"
          size="xs"
          w={130}
          searchable
          allowDeselect={false}
          limit={100}
          data={names}
          value={found?.symbol ?? null}
          onChange={(to) => to && setSymbol(to)}
          disabled={symbols.length === 0}
          error={named && bars.data && !found ? `There is no ${named}` : undefined}
        />
        <DayBox key={`${found?.symbol}${day}`} bars={found} day={day} setDay={setDay} />
      </Group>
      {bars.error && <Failure error={bars.error} retry={() => bars.refetch()} />}
      {bars.data && symbols.length === 0 && (
        <Alert color="gray" title="There is nothing to explain">
          The model learned from every bar there is, until {bars.data.trained_until}. It needs later bars.
        </Alert>
      )}
    </>
  );
  if (!name || !found) return [null, picker];
  return [{ project: name, symbol: found.symbol, date: DAY.test(day) ? day : undefined }, picker];
}

/** The day of the forecast: one after the model's training, or the newest bar. */
function DayBox({
  bars,
  day,
  setDay,
}: {
  bars: Shapes["WhySymbol"] | undefined;
  day: string;
  setDay: (to: string) => void;
}) {
  return (
    <Group gap={6} align="flex-end" wrap="nowrap">
      <TextInput
        label="Day"
        type="date"
        size="xs"
        w={150}
        min={bars?.first}
        max={bars?.last}
        disabled={!bars}
        defaultValue={day || bars?.last}
        onBlur={(event) => take(event.currentTarget.value)}
        onKeyDown={(event) => event.key === "Enter" && take(event.currentTarget.value)}
      />
      <Button size="xs" variant="default" disabled={!day} onClick={() => setDay("")}>
        Newest
      </Button>
    </Group>
  );

  function take(to: string) {
    if (DAY.test(to) && to !== day && to !== bars?.last) setDay(to);
    else if (to === bars?.last && day) setDay("");
  }
}
