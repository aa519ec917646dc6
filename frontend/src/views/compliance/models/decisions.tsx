import { Code, Group, Paper, Stack, Text, Timeline } from "@mantine/core";
import { IconShieldCheck } from "@tabler/icons-react";
import type { Shapes } from "../../../api/client";
import { ago, moment } from "../../../parts/format";
import { Mark } from "../tone";

type Decision = Shapes["SignedDecision"];

/** The signed decisions about a version, the newest first. */
export function Decisions({ decisions }: { decisions: readonly Decision[] }) {
  return (
    <Stack gap="sm">
      <Text size="sm" maw={760}>
        Each was verified when this was read: the signature by the key that the person had at the time, its
        place after the decision before it, and that the rules let this person decide it.
      </Text>
      <Timeline bulletSize={22} lineWidth={2} color="cyan">
        {decisions.map((one) => (
          <Timeline.Item
            key={one.seq}
            bullet={<IconShieldCheck size={13} aria-hidden />}
            title={
              <Group gap="xs">
                <Text component="span" fw={600}>
                  {one.words}
                </Text>
                <Mark tone="good">signature verified</Mark>
              </Group>
            }
          >
            <Text size="sm">
              {one.by}, as {one.role}, {moment(one.at)} ({ago(one.at)})
            </Text>
            <Text size="sm" my={4} style={{ overflowWrap: "anywhere" }}>
              “{one.reason}”
            </Text>
            <Proof decision={one} />
          </Timeline.Item>
        ))}
      </Timeline>
    </Stack>
  );
}

function Proof({ decision }: { decision: Decision }) {
  return (
    <details>
      <summary>
        <Text component="span" size="xs" c="dimmed">
          decision {decision.seq}: hash, signature, key
        </Text>
      </summary>
      <Paper withBorder p="xs" mt={4} maw={760}>
        {(["hash", "signature", "key"] as const).map((name) => (
          <Text key={name} size="xs" style={{ overflowWrap: "anywhere" }}>
            {name}: <Code>{decision[name]}</Code>
          </Text>
        ))}
      </Paper>
    </details>
  );
}
