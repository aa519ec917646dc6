import { Kbd, Modal, Table } from "@mantine/core";
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

/** Listen to single keys while nobody types and no dialogue is open; `?` is among them where the page gives it. */
export function useShortcuts(shortcuts: readonly Shortcut[]) {
  const latest = useRef(shortcuts);
  latest.current = shortcuts;
  useEffect(() => {
    function press(event: KeyboardEvent) {
      if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
      const target = event.target instanceof Element ? event.target : null;
      if (target?.closest(TYPING)) return;
      if ((event.key === "Enter" || event.key === " ") && target?.closest(HELD)) return;
      const found = latest.current.find((one) => one.keys.includes(event.key));
      if (!found) return;
      event.preventDefault();
      found.run();
    }
    document.addEventListener("keydown", press);
    return () => document.removeEventListener("keydown", press);
  }, []);
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
    </Modal>
  );
}
