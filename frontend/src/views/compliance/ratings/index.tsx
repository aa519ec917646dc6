import { SubNav } from "../../../parts/sub-nav";
import { ViewPage } from "../../../parts/view-page";
import { RATINGS_LEAD, RatingsLoaded, useRatings } from "../../../settings/ratings";
import { COMPLIANCE_TABS } from "../tabs";

/** What people think of explanations: evidence that they are understood, or are not. */
export default function Ratings() {
  const { report, csv, json } = useRatings();
  return (
    <ViewPage
      title="Ratings of explanations"
      lead={RATINGS_LEAD}
      exports={[
        { label: "Every rating as CSV", onExport: csv },
        { label: "This report as JSON", onExport: json },
      ]}
    >
      <SubNav items={COMPLIANCE_TABS} />
      <RatingsLoaded report={report} />
    </ViewPage>
  );
}
