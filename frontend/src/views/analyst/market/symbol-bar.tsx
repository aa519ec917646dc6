import { ActionIcon, Group, Select } from "@mantine/core";
import { IconChevronLeft, IconChevronRight } from "@tabler/icons-react";
import { memo, type ReactNode, useMemo } from "react";

interface Named {
  symbol: string;
  name?: string | null;
}

/** The symbol, found by typing, and the ones before and after it. */
export const SymbolBar = memo(function SymbolBar({
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
  const data = useMemo(() => symbols.map(boxOf), [symbols]);
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
          data={data}
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
});

function boxOf({ symbol, name }: Named) {
  return { value: symbol, label: name && name !== symbol ? `${symbol} · ${name}` : symbol };
}
