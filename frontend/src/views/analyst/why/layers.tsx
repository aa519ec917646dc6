import { Paper, Stack, Tabs, Text, Title } from "@mantine/core";
import { Rating } from "../../../parts/rating";
import { useUrlState } from "../../../parts/url-state";
import type { Explanation } from "./told";
import { ToldTable } from "./told-table";

type Layer = Explanation["layers"][number];

/** The explanation in plain words, for one kind of reader at a time; each layer can be rated. */
export function Layers({ of }: { of: Explanation }) {
  const layers = of.more ? [...of.layers, of.more] : of.layers;
  const [named, choose] = useUrlState("layer", "executive");
  const open = layers.find((one) => one.name === named) ?? layers[0];
  if (!open) return null;
  return (
    <Paper withBorder p="md" component="section" aria-labelledby="layers">
      <Title order={2} size="h4" id="layers" mb="xs">
        In plain words
      </Title>
      <Tabs value={open.name} onChange={(to) => to && choose(to)} keepMounted={false}>
        <Tabs.List mb="sm">
          {layers.map((one) => (
            <Tabs.Tab key={one.name} value={one.name}>
              {SHORT[one.name] ?? one.title}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        {layers.map((one) => (
          <Tabs.Panel key={one.name} value={one.name}>
            <Told layer={one} of={of} />
          </Tabs.Panel>
        ))}
      </Tabs>
    </Paper>
  );
}

const SHORT: Record<string, string> = {
  executive: "Executive",
  attribution: "Attribution",
  technical: "Technical",
  internals: "Internals",
  doubt: "Doubt",
};

function Told({ layer, of }: { layer: Layer; of: Explanation }) {
  return (
    <Stack gap="sm">
      {layer.sentences.map((one, i) => (
        <Text key={i} size="sm" component="p" m={0}>
          {one.text}
        </Text>
      ))}
      {layer.tables.map((table) => (
        <ToldTable key={table.title} table={table} />
      ))}
      <Rating
        kind="explanation"
        subject={`${of.id}-${layer.name}`}
        context={{ layer: layer.name, project: of.project, symbol: of.symbol, date: of.date }}
        question="Was this layer useful?"
      />
    </Stack>
  );
}
