import { Anchor, Code, List, Stack, Table, Text, Title } from "@mantine/core";
import type { Shapes } from "../../api/client";
import { colourOf, Mark, Notice } from "./tone";

type Shape = Shapes["DocumentShape"];
type Block = Shape["sections"][number]["blocks"][number];
type Cell = Shapes["DocumentMark"];

/** A card or report, drawn from its blocks: the same words and digits as its files. `level` is that of its headings. */
export function DocumentView({ document, level = 3 }: { document: Shape; level?: 2 | 3 | 4 }) {
  return (
    <Stack gap="lg">
      <Stack gap={6}>
        {document.status && (
          <div>
            <Mark tone={document.status.tone}>{document.status.text}</Mark>
          </div>
        )}
        {document.lead.map((text) => (
          <Text key={text} maw={760}>
            {text}
          </Text>
        ))}
        <Pairs rows={document.facts} />
      </Stack>
      <nav aria-label={`Sections of ${document.title}`}>
        <Text size="sm" lh={1.8}>
          {document.sections.map((section, i) => (
            <span key={section.anchor}>
              {i > 0 && " · "}
              <Anchor href={`#${section.anchor}`}>{section.title}</Anchor>
            </span>
          ))}
        </Text>
      </nav>
      {document.sections.map((section) => (
        <Stack key={section.anchor} gap="xs" component="section" id={section.anchor}>
          <Title order={level} size="h4">
            {section.title}
          </Title>
          {section.blocks.map((block, i) => (
            <BlockView key={`${section.anchor}-${i}`} block={block} title={section.title} />
          ))}
        </Stack>
      ))}
      {document.foot && (
        <Text size="xs" c="dimmed">
          {document.foot}
        </Text>
      )}
    </Stack>
  );
}

function BlockView({ block, title }: { block: Block; title: string }) {
  switch (block.kind) {
    case "text":
      return (
        <Text maw={760} c={colourOf(block.tone)}>
          {block.text}
        </Text>
      );
    case "notice":
      return (
        <Notice
          variant="light"
          maw={760}
          color={block.tone === "bad" ? "red" : block.tone === "good" ? "teal" : "yellow"}
        >
          {block.text}
        </Notice>
      );
    case "items":
      return (
        <List maw={760} spacing={4}>
          {block.items.map((text) => (
            <List.Item key={text}>{text}</List.Item>
          ))}
        </List>
      );
    case "code":
      return (
        <Code block tabIndex={0} style={{ maxWidth: "100%", overflowX: "auto" }}>
          {block.text}
        </Code>
      );
    case "pairs":
      return <Pairs rows={block.rows} />;
    case "table":
      return <Grid block={block} title={title} />;
    case "figure":
      return (
        <figure style={{ margin: 0, maxWidth: 760 }}>
          <img
            src={`data:image/svg+xml;utf8,${encodeURIComponent(coloured(block.svg))}`}
            alt={block.alt}
            style={{ maxWidth: "100%", background: "white", borderRadius: 6 }}
          />
          {block.note && (
            <Text component="figcaption" size="xs" c="dimmed">
              {block.note}
            </Text>
          )}
        </figure>
      );
  }
}

const COLOURS: Record<string, string> = {
  currentColor: "#1b1f24",
  "var(--faint)": "#a9b1ba",
  "var(--series-1)": "#0b63b0",
  "var(--series-2)": "#c2571a",
  "var(--series-3)": "#2a7d46",
  "var(--series-4)": "#8250a8",
};

/** A picture of its own does not know the colours of the page. */
export function coloured(svg: string): string {
  let drawn = svg;
  for (const [name, colour] of Object.entries(COLOURS)) drawn = drawn.replaceAll(name, colour);
  return drawn.includes("xmlns=") ? drawn : drawn.replace("<svg", '<svg xmlns="http://www.w3.org/2000/svg"');
}

/** Names and values, one pair a row. */
export function Pairs({ rows }: { rows: readonly Shapes["DocumentPair"][] }) {
  return (
    <Table verticalSpacing={4} horizontalSpacing={0} maw={760} withRowBorders={false} layout="fixed">
      <Table.Tbody>
        {rows.map(({ name, value }) => (
          <Table.Tr key={name}>
            <Table.Th scope="row" w="34%" fw={500} c="dimmed" style={{ verticalAlign: "top" }}>
              {name}
            </Table.Th>
            <Table.Td pl="sm" style={{ overflowWrap: "anywhere" }}>
              <CellView cell={value} />
            </Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}

function Grid({ block, title }: { block: Extract<Block, { kind: "table" }>; title: string }) {
  return (
    <Stack gap={4}>
      <Table.ScrollContainer
        minWidth={Math.min(760, 130 * block.columns.length)}
        type="native"
        role="region"
        aria-label={title}
        tabIndex={0}
      >
        <Table verticalSpacing={5} striped>
          <Table.Thead>
            <Table.Tr>
              {block.columns.map((name, i) => (
                <Table.Th key={name} scope="col" ta={i < block.left ? "left" : "right"}>
                  {name}
                </Table.Th>
              ))}
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {block.rows.map((row) => (
              <Table.Tr key={row.map((cell) => cell.text).join("|")}>
                {row.map((cell, i) => (
                  <Table.Td
                    key={block.columns[i]}
                    ta={i < block.left ? "left" : "right"}
                    style={{ overflowWrap: "anywhere", fontVariantNumeric: "tabular-nums" }}
                  >
                    <CellView cell={cell} />
                  </Table.Td>
                ))}
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
      {block.note && (
        <Text size="xs" c="dimmed" maw={760}>
          {block.note}
        </Text>
      )}
    </Stack>
  );
}

function CellView({ cell }: { cell: Cell }) {
  return cell.tone === "plain" || !cell.tone ? <>{cell.text}</> : <Mark tone={cell.tone}>{cell.text}</Mark>;
}

/** Names and plain values, for {@link Pairs}. */
export function pairsOf(values: Record<string, string>): Shapes["DocumentPair"][] {
  return Object.entries(values).map(([name, text]) => ({ name, value: { text, tone: "plain" } }));
}
