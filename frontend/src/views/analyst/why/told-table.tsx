import { Box, Table, Text } from "@mantine/core";
import type { Shapes } from "../../../api/client";

/** A table of an explanation, as it was told. */
export function ToldTable({ table }: { table: Shapes["WhyTable"] }) {
  return (
    <div>
      <Text size="xs" fw={600} mb={4}>
        {table.title}
      </Text>
      <Box role="region" aria-label={table.title} tabIndex={0} style={{ overflowX: "auto" }}>
        <Table fz="xs" verticalSpacing={4} horizontalSpacing="xs">
          <Table.Thead>
            <Table.Tr>
              {table.columns.map((name, i) => (
                <Table.Th key={name} scope="col" ta={table.numeric[i] ? "right" : "left"}>
                  {name}
                </Table.Th>
              ))}
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {table.rows.map((row) => (
              <Table.Tr key={row.join("|")}>
                {row.map((cell, i) => (
                  <Table.Td
                    key={table.columns[i]}
                    ta={table.numeric[i] ? "right" : "left"}
                    style={table.numeric[i] ? { whiteSpace: "nowrap" } : undefined}
                  >
                    {cell}
                  </Table.Td>
                ))}
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Box>
    </div>
  );
}
