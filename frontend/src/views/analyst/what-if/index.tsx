import { Stack } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { api, body } from "../../../api/client";
import { Loaded } from "../../../parts/states";
import { SubNav } from "../../../parts/sub-nav";
import { ViewPage } from "../../../parts/view-page";
import { ANALYST_TABS } from "../tabs";
import { type Asked, useAsked } from "../why/asked";
import { Bench } from "./bench";

/** What the model would have said, had the day been another. */
export default function Page() {
  const [asked, picker] = useAsked();
  const start = useQuery({
    queryKey: ["what-if", "start", asked],
    queryFn: ({ signal }) =>
      body(api.GET("/api/analyst/what-if/start", { params: { query: asked as Asked }, signal })),
    enabled: asked !== null,
    staleTime: 300_000,
  });
  return (
    <ViewPage
      title="What if"
      lead="Move what the forecast leans on and the model itself is run again. A slider sets one feature and leaves the others, which may describe a day that cannot be; a scenario changes the bar and computes every feature anew."
    >
      <SubNav items={ANALYST_TABS} />
      <Stack gap="sm">{picker}</Stack>
      {asked && (
        <Loaded query={start} height={480}>
          {(data) => <Bench key={`${data.project} ${data.symbol} ${data.date}`} start={data} asked={asked} />}
        </Loaded>
      )}
    </ViewPage>
  );
}
