import { Stack } from "@mantine/core";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { api, body } from "../../../api/client";
import { saveCsv, saveText } from "../../../parts/export";
import { Loaded } from "../../../parts/states";
import { SubNav } from "../../../parts/sub-nav";
import { ViewPage } from "../../../parts/view-page";
import { ANALYST_TABS } from "../tabs";
import { type Asked, useAsked } from "./asked";
import { Explained } from "./explained";
import { contributionsOf } from "./told";

/** Why the model forecast what it did for one symbol on one day. */
export default function Page() {
  const [asked, picker] = useAsked();
  const found = useQuery({
    queryKey: ["why", "explanation", asked],
    queryFn: ({ signal }) =>
      body(api.GET("/api/analyst/why/explanation", { params: { query: asked as Asked }, signal })),
    enabled: asked !== null,
    staleTime: 300_000,
    placeholderData: keepPreviousData,
  });
  const of = found.data;
  const name = of ? `explanation-${of.symbol}-${of.date}` : "explanation";

  async function text(kind: "record" | "page"): Promise<string> {
    const query = { query: asked as Asked };
    const answer =
      kind === "record"
        ? await api.GET("/api/analyst/why/record", { params: query, parseAs: "text" })
        : await api.GET("/api/analyst/why/page", { params: query, parseAs: "text" });
    return answer.data as unknown as string;
  }

  const exports = of
    ? [
        {
          label: "Page (HTML)",
          onExport: async () => saveText(`${name}.html`, await text("page"), "text/html"),
        },
        {
          label: "Record with every fact (JSON)",
          onExport: async () => saveText(`${name}.json`, await text("record"), "application/json"),
        },
        {
          label: "Contributions (CSV)",
          onExport: () =>
            saveCsv(`${name}.csv`, contributionsOf(of), ["group", "feature", "value", "below", "gives"]),
        },
      ]
    : [];

  return (
    <ViewPage
      title="Why"
      lead="What made one forecast: base and contributions sum to the probability, exactly for trees and lines, by gradients for nets. Only bars after the model's training are explained."
      exports={exports}
    >
      <SubNav items={ANALYST_TABS} />
      <Stack gap="sm">{picker}</Stack>
      {asked && (
        <Loaded query={found} height={480}>
          {(data) => <Explained of={data} asked={asked} stale={found.isPlaceholderData} />}
        </Loaded>
      )}
    </ViewPage>
  );
}
