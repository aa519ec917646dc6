import { Alert, Button, Group, Pill, Stack, Text, TextInput } from "@mantine/core";
import { memo, useState } from "react";

const MOST = 8;

/** Scenarios on the bar or the market, in words; every feature is computed anew under them. */
export const Scenarios = memo(function Scenarios({
  scenarios,
  hasFear,
  onChange,
  failed,
}: {
  scenarios: readonly string[];
  hasFear: boolean;
  onChange: (scenarios: string[]) => void;
  failed: string | null;
}) {
  const [text, setText] = useState("");
  const ready = ["price -3%", "gap -2%", "volume x2", "market -3%", ...(hasFear ? ["vix +10"] : [])];

  function add(one: string) {
    const told = one.trim().replaceAll("|", " ");
    if (told === "" || scenarios.includes(told) || scenarios.length >= MOST) return;
    onChange([...scenarios, told]);
    setText("");
  }

  return (
    <Stack gap="xs">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          add(text);
        }}
      >
        <Group gap="xs" align="flex-end">
          <TextInput
            label="Scenario"
            description="such as price -5%, volume doubles, market falls 3 %, rsi_14<30"
            size="xs"
            maxLength={100}
            style={{ flex: "1 1 220px" }}
            value={text}
            onChange={(event) => setText(event.currentTarget.value)}
          />
          <Button size="xs" variant="default" type="submit" disabled={text.trim() === ""}>
            Add
          </Button>
        </Group>
      </form>
      <Group gap={6}>
        <Text size="xs" c="dimmed">
          Ready made:
        </Text>
        {ready.map((one) => (
          <Button
            key={one}
            size="compact-xs"
            variant="default"
            disabled={scenarios.includes(one)}
            onClick={() => add(one)}
          >
            {one.replace("-", "−")}
          </Button>
        ))}
      </Group>
      {scenarios.length > 0 && (
        <Pill.Group aria-label="Scenarios that hold">
          {scenarios.map((one) => (
            <Pill
              key={one}
              withRemoveButton
              onRemove={() => onChange(scenarios.filter((other) => other !== one))}
              removeButtonProps={{ "aria-label": `Take away ${one}`, "aria-hidden": false, tabIndex: 0 }}
            >
              {one}
            </Pill>
          ))}
        </Pill.Group>
      )}
      {failed && (
        <Alert color="red" variant="light" role="alert">
          {failed}
        </Alert>
      )}
    </Stack>
  );
});
