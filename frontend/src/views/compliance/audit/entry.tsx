import { Anchor, Code, Group, Stack, Text, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link, useParams } from "react-router";
import { api, body } from "../../../api/client";
import { saveJson } from "../../../parts/export";
import { count, moment } from "../../../parts/format";
import { Loaded } from "../../../parts/states";
import { SubNav } from "../../../parts/sub-nav";
import { ViewPage } from "../../../parts/view-page";
import { Pairs, pairsOf } from "../document";
import { COMPLIANCE_TABS } from "../tabs";
import { Mark } from "../tone";

/** One entry of the audit log. */
export default function Entry() {
  const { seq = "" } = useParams();
  const query = useQuery({
    queryKey: ["compliance", "audit", "entry", seq],
    queryFn: () =>
      body(api.GET("/api/compliance/audit/entries/{seq}", { params: { path: { seq: Number(seq) } } })),
  });
  const number = Number(seq);
  return (
    <ViewPage
      title={`Audit entry ${count(number)}`}
      lead="As it was written. Its hash binds its content and the hash before it; verification computes it anew."
      exports={[{ label: "Entry as JSON", onExport: () => saveJson(`audit-entry-${seq}.json`, query.data) }]}
    >
      <SubNav items={COMPLIANCE_TABS} />
      <Loaded query={query} height={320}>
        {(entry) => (
          <Stack gap="md">
            <Group gap="md">
              {number > 0 && (
                <Anchor component={Link} to={`/compliance/audit/${number - 1}`}>
                  The entry before
                </Anchor>
              )}
              {number < entry.last && (
                <Anchor component={Link} to={`/compliance/audit/${number + 1}`}>
                  The entry after
                </Anchor>
              )}
              <Anchor component={Link} to={`/compliance/incidents?new=1&audit=${entry.seq}`}>
                Record an incident about it
              </Anchor>
            </Group>
            <Pairs
              rows={pairsOf({
                Kind: entry.kind,
                Written: moment(entry.at),
                Hash: entry.hash,
                "Hash before it": entry.before ?? "none: it is the first",
              })}
            />
            {entry.encrypted && (
              <div>
                <Mark tone="plain">encrypted in the log</Mark>
              </div>
            )}
            <Stack gap="xs" component="section">
              <Title order={2} size="h4">
                Content
              </Title>
              {Object.keys(entry.body).length === 0 && <Text c="dimmed">It has no content.</Text>}
              <Code block tabIndex={0} aria-label="Content of the entry" style={{ overflowX: "auto" }}>
                {JSON.stringify(entry.body, null, 2)}
              </Code>
            </Stack>
          </Stack>
        )}
      </Loaded>
    </ViewPage>
  );
}
