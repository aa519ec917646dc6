import { Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { api, body } from "../../../api/client";
import { saveJson, saveText } from "../../../parts/export";
import { useLive } from "../../../parts/live";
import { Loaded } from "../../../parts/states";
import { SubNav } from "../../../parts/sub-nav";
import { ViewPage } from "../../../parts/view-page";
import { RatingsShown } from "../../../settings/ratings";
import { COMPLIANCE_TABS } from "../tabs";

/** What people think of explanations: evidence that they are understood, or are not. */
export default function Ratings() {
  const report = useQuery({
    queryKey: ["ratings", "report"],
    queryFn: () => body(api.GET("/api/ratings/report")),
  });
  useLive(["ratings"], [["ratings"]]);

  async function csv() {
    const text = await body(api.GET("/api/ratings/export", { parseAs: "text" }));
    saveText("ratings.csv", String(text), "text/csv");
  }

  return (
    <ViewPage
      title="Ratings of explanations"
      lead="What people said of explanations, cases and diagnoses: one rating of each person for each, the latest."
      exports={[
        { label: "Every rating as CSV", onExport: csv },
        { label: "This report as JSON", onExport: () => saveJson("ratings-report.json", report.data) },
      ]}
    >
      <SubNav items={COMPLIANCE_TABS} />
      <Loaded query={report} height={360}>
        {(data) =>
          data.total ? (
            <RatingsShown report={data} total={data.total} />
          ) : (
            <Text>
              Nobody has rated anything yet. The question stands under every explanation, case and diagnosis.
            </Text>
          )
        }
      </Loaded>
    </ViewPage>
  );
}
