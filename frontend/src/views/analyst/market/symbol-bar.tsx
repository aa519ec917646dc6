import { ActionIcon, Group, Select } from "@mantine/core";
import { IconChevronLeft, IconChevronRight } from "@tabler/icons-react";
import type { ReactNode } from "react";

interface Named {
  symbol: string;
  name?: string | null;
}

/** The symbol, found by typing, and the ones before and after it. */
export function SymbolBar({
  symbols,
  symbol,
  onChoose,
  children,
}: {
  symbols: readonly Named[];
  symbol: string;
  onChoose: (symbol: string) => void;
  children?: ReactNode;
}) {
  const at = symbols.findIndex((one) => one.symbol === symbol);
  const step = (by: number) => {
    const next = symbols[(at + by + symbols.length) % symbols.length];
    if (next) onChoose(next.symbol);
  };
  return (
    <Group gap="xs" align="flex-end">
      <Group gap="xs" align="flex-end" wrap="nowrap" maw="100%">
        <Select
          label={`Symbol (${symbols.length})`}
          size="xs"
          flex="0 1 260px"
          searchable
          limit={60}
          allowDeselect={false}
          nothingFoundMessage="No symbol is called so"
          data={symbols.map((one) => ({
            value: one.symbol,
            label: one.name && one.name !== one.symbol ? `${one.symbol} · ${one.name}` : one.symbol,
          }))}
          value={symbol}
          onChange={(value) => value && onChoose(value)}
        />
        <ActionIcon variant="default" size={30} aria-label="Symbol before" onClick={() => step(-1)}>
          <IconChevronLeft size={16} aria-hidden />
        </ActionIcon>
        <ActionIcon variant="default" size={30} aria-label="Next symbol" onClick={() => step(1)}>
          <IconChevronRight size={16} aria-hidden />
        </ActionIcon>
      </Group>
      {children}
    </Group>
  );
}
