import { Button, Group, Modal, Select, Stack, Text } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { type RefObject, useEffect, useState } from "react";
import type { Shapes } from "../../../api/client";
import { Failure } from "../../../parts/states";
import { useBulk } from "../api";

/** Take or assign the selected cases; what is refused is told case by case. */
export function BulkBar(props: {
  data: Shapes["CaseQueue"];
  cases: readonly string[];
  take: RefObject<() => void>;
  assign: RefObject<() => void>;
  onDone: () => void;
}) {
  const { data, cases, onDone } = props;
  const bulk = useBulk();
  const [asking, setAsking] = useState(false);
  const [analyst, setAnalyst] = useState<string | null>(null);
  const supervisor = data.acting_roles.includes("supervisor");
  const count = cases.length === 1 ? cases[0] : `${cases.length} cases`;

  async function run(to?: string) {
    if (cases.length === 0) return;
    const made = await bulk.mutateAsync({ cases: [...cases], analyst: to });
    setAsking(false);
    if (made.done.length > 0) {
      notifications.show({
        title: to ? `Assigned to ${to}` : "Taken up",
        message: made.done.join(", "),
      });
      onDone();
    }
    for (const one of made.refused.slice(0, 5))
      notifications.show({
        color: "red",
        autoClose: 12_000,
        title: `${one.case} was not ${to ? "assigned" : "taken up"}`,
        message: `${one.why}.${one.fix ? ` ${one.fix}.` : ""}`,
      });
  }

  useEffect(() => {
    props.take.current = () => void run().catch(() => undefined); // the failure is shown below
    props.assign.current = () => supervisor && cases.length > 0 && setAsking(true);
  });

  return (
    <>
      <Button
        size="xs"
        disabled={cases.length === 0 || data.acting_as === null}
        loading={bulk.isPending}
        onClick={() => props.take.current()}
      >
        Take {cases.length > 0 ? count : "up"}
      </Button>
      <Button
        size="xs"
        variant="default"
        disabled={cases.length === 0 || !supervisor}
        title={supervisor ? undefined : "Assigning takes the role supervisor"}
        onClick={() => setAsking(true)}
      >
        Assign
      </Button>
      <Modal
        opened={asking || bulk.error !== null}
        onClose={() => {
          setAsking(false);
          bulk.reset();
        }}
        title={`Assign ${count}`}
      >
        <Stack>
          {bulk.error && <Failure error={bulk.error} />}
          <Select
            label="To"
            data={data.people.map((one) => ({
              value: one.name,
              label: `${one.name} (${one.roles.join(", ")})`,
            }))}
            value={analyst}
            onChange={setAnalyst}
            searchable
            data-autofocus
          />
          <Text size="sm" c="dimmed">
            Signed with the key of {data.acting_as}, and kept for good.
          </Text>
          <Group justify="flex-end">
            <Button
              disabled={!analyst}
              loading={bulk.isPending}
              onClick={() => analyst && run(analyst).catch(() => undefined)}
            >
              Assign
            </Button>
          </Group>
        </Stack>
      </Modal>
    </>
  );
}
