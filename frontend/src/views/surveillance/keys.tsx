import { Kbd, Modal, Table, Text } from "@mantine/core";
import { useLocalStorage } from "@mantine/hooks";
import { useEffect, useRef } from "react";

export interface Shortcut {
  /** As `KeyboardEvent.key` has it. */
  keys: readonly string[];
  /** How the key is told in the help. */
  shown: string;
  does: string;
  run: () => void;
}

const TYPING = "input, textarea, select, [contenteditable=true], [role=combobox], [role=dialog] *";
const HELD = "button, a, [role=slider], [role=option]";

/** After `g` a letter opens another place (see the shell), and is not ours. */
const PATIENCE = 1_200;

/**
 * Listen to single keys while nobody types and no dialogue is open. Who has turned letters off keeps the arrows and the
 * like. What is taken here does not reach the shell; where it is not, the shell's keys work.
 */
export function useShortcuts(shortcuts: readonly Shortcut[]) {
  const [letters] = useLocalStorage({ key: "tradewind-letters", defaultValue: true });
  const latest = useRef(shortcuts);
  latest.current = shortcuts;
  useEffect(() => {
    let going = Number.NEGATIVE_INFINITY;
    function press(event: KeyboardEvent) {
      if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
      const target = event.target instanceof Element ? event.target : null;
      if (target?.closest(TYPING)) return;
      const second = event.timeStamp - going < PATIENCE;
      going = event.key === "g" && !second ? event.timeStamp : Number.NEGATIVE_INFINITY;
      if (second || (!letters && event.key.length === 1 && event.key !== " ")) return;
      if ((event.key === "Enter" || event.key === " ") && target?.closest(HELD)) return;
      const found = latest.current.find((one) => one.keys.includes(event.key));
      if (!found) return;
      event.preventDefault();
      event.stopPropagation();
      found.run();
    }
    document.addEventListener("keydown", press);
    return () => document.removeEventListener("keydown", press);
  }, [letters]);
}

/** The keys of a page, told on `?`. */
export function KeyHelp({
  shortcuts,
  opened,
  onClose,
}: {
  shortcuts: readonly Shortcut[];
  opened: boolean;
  onClose: () => void;
}) {
  return (
    <Modal opened={opened} onClose={onClose} title="Keys of this page">
      <Table>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Key</Table.Th>
            <Table.Th>What it does</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {shortcuts.map((one) => (
            <Table.Tr key={one.shown}>
              <Table.Td style={{ whiteSpace: "nowrap" }}>
                <Kbd>{one.shown}</Kbd>
              </Table.Td>
              <Table.Td>{one.does}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
      <Text size="sm" c="dimmed" mt="sm">
        Press ? again for the keys of the whole dashboard; letters can be turned off there.
      </Text>
    </Modal>
  );
}
