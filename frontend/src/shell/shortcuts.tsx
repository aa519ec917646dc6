import { Kbd, Modal, Switch, Table } from "@mantine/core";
import { useLocalStorage } from "@mantine/hooks";
import { useEffect, useRef } from "react";
import { useNavigate } from "react-router";

export interface Shortcut {
  letter: string;
  to: string;
  label: string;
}

const PATIENCE = 1200;

/** Letters that open places: `g` and then the letter. `?` shows them all; who dictates can turn them off. */
export function Shortcuts({
  shortcuts,
  shown,
  onShow,
}: {
  shortcuts: readonly Shortcut[];
  shown: boolean;
  onShow: (shown: boolean) => void;
}) {
  const navigate = useNavigate();
  const [on, setOn] = useLocalStorage({ key: "tradewind-letters", defaultValue: true });
  const began = useRef(Number.NEGATIVE_INFINITY);

  useEffect(() => {
    if (!on) return;
    const press = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey || isWriting(event.target)) return;
      if (event.key === "?") {
        event.preventDefault();
        onShow(true);
        return;
      }
      const second = event.timeStamp - began.current < PATIENCE;
      began.current = !second && event.key === "g" ? event.timeStamp : Number.NEGATIVE_INFINITY;
      const found = second ? shortcuts.find((one) => one.letter === event.key) : undefined;
      if (!found) return;
      event.preventDefault();
      navigate(found.to);
    };
    window.addEventListener("keydown", press);
    return () => window.removeEventListener("keydown", press);
  }, [on, shortcuts, navigate, onShow]);

  return (
    <Modal opened={shown} onClose={() => onShow(false)} title="Keyboard">
      <Switch
        label="Letters open places"
        description="Turn it off where you dictate, or where letters get in the way."
        checked={on}
        onChange={(event) => setOn(event.currentTarget.checked)}
        mb="sm"
      />
      <Table verticalSpacing={5}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Keys</Table.Th>
            <Table.Th>What they do</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {rowsOf(shortcuts).map(({ keys, does }) => (
            <Table.Tr key={does}>
              <Table.Td style={{ whiteSpace: "nowrap" }}>
                {keys.map((key, i) => (
                  <span key={key}>
                    {i > 0 && " "}
                    <Kbd>{key}</Kbd>
                  </span>
                ))}
              </Table.Td>
              <Table.Td>{does}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Modal>
  );
}

function rowsOf(shortcuts: readonly Shortcut[]): { keys: string[]; does: string }[] {
  return [
    { keys: ["Ctrl", "K"], does: "Search pages, symbols and actions" },
    ...shortcuts.map(({ letter, label }) => ({ keys: ["g", letter], does: label })),
    { keys: ["?"], does: "Show this" },
    { keys: ["←", "→"], does: "On a chart: the bar before, the bar after" },
    { keys: ["+", "−", "0"], does: "On a chart: nearer, further, all of it" },
    { keys: ["↑", "↓", "Enter"], does: "In a table: the row above, the row below, open it" },
  ];
}

/** Whether what has the focus takes letters for itself. */
function isWriting(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  return target.isContentEditable || ["INPUT", "TEXTAREA", "SELECT"].includes(target.tagName);
}
