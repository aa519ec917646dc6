import { Alert, Button, Group, List, Paper, SimpleGrid, Stack, Text, Title } from "@mantine/core";
import { IconAlertTriangle } from "@tabler/icons-react";
import { Link, useLocation } from "react-router";
import { BarList } from "../../../parts/charts/bars";
import { day, moment, number, percent, signed } from "../../../parts/format";
import { Stat, Stats } from "../../../parts/stat";
import type { Asked } from "./asked";
import { Contributions } from "./contributions";
import { Layers } from "./layers";
import { Members } from "./members";
import { type Explanation, leanOf, wasRight } from "./told";
import { Turned } from "./turned";

const DARK_TITLE = { title: { color: "var(--mantine-color-text)" } };
const LEAST_SHARE = 0.01;

/** One forecast, explained. */
export function Explained({ of, asked, stale }: { of: Explanation; asked: Asked; stale: boolean }) {
  const { search } = useLocation();
  return (
    <Stack gap="md" style={{ opacity: stale ? 0.55 : 1 }} aria-busy={stale}>
      <Group justify="space-between" gap="xs">
        <Text size="sm">
          Forecast for <b>{of.symbol}</b> made at the close of <b>{day(of.date)}</b>, for{" "}
          {of.horizon === 1 ? "its next bar" : `its next ${of.horizon} bars`}. Known{" "}
          {moment(of.known_at.replace(" ", "T"))}.
        </Text>
        <Group gap="xs">
          <Button component={Link} size="xs" variant="default" to={{ pathname: "/analyst/what-if", search }}>
            Ask what if
          </Button>
          <Button component={Link} size="xs" variant="default" to={{ pathname: "/analyst/market", search }}>
            See the bars
          </Button>
        </Group>
      </Group>
      <Answer of={of} />
      {of.doubts.length > 0 && (
        <Alert
          color="yellow"
          variant="light"
          title="Low confidence: do not lean on this forecast alone"
          icon={<IconAlertTriangle aria-hidden />}
          styles={DARK_TITLE}
        >
          <List size="sm" spacing={2}>
            {of.doubts.map((doubt) => (
              <List.Item key={doubt.name}>{doubt.text}</List.Item>
            ))}
          </List>
        </Alert>
      )}
      <SimpleGrid cols={{ base: 1, lg: 2 }} spacing="md">
        <Stack gap="md" miw={0}>
          <Contributions of={of} />
          <Members of={of} />
          {of.profile.length > 1 && <Profile of={of} />}
        </Stack>
        <Stack gap="md" miw={0}>
          <Layers of={of} />
          <Turned asked={asked} probability={of.probability} />
        </Stack>
      </SimpleGrid>
      <Text size="xs" c="dimmed">
        {of.seconds < 0.02
          ? "This explanation was kept from before."
          : `Computed in ${number(of.seconds, 2)} s.`}{" "}
        The model learned until {day(of.trained_until)}. What sums leave over: {of.left.toExponential(1)}.
        Explanation {of.id}.
      </Text>
    </Stack>
  );
}

function Answer({ of }: { of: Explanation }) {
  const right = wasRight(of);
  const came = of.outcome;
  return (
    <Stats>
      <Stat label="Probability of a rise" value={percent(of.probability)} hint={leanOf(of.probability)} />
      <Stat
        label="Expected return"
        value={`${signed(of.expected_return * 100, 2)} %`}
        hint={
          of.lower === null || of.upper === null
            ? "no interval"
            : `${percent(of.level, 0)} interval ${signed(of.lower * 100, 1)} to ${signed(of.upper * 100, 1)} %`
        }
      />
      <Stat label="Base" value={percent(of.base)} hint="the forecast where nothing is known of the bar" />
      <Stat
        label="What came"
        value={came ? `${signed(came.forward_return * 100, 2)} %` : "not known yet"}
        tone={right === null ? "neutral" : right ? "good" : "bad"}
        hint={
          came
            ? `by ${day(came.day)}; ${right === null ? "no side to be right on" : right ? "on the side of the forecast" : "against the forecast"}`
            : "the bars do not reach so far"
        }
      />
    </Stats>
  );
}

function Profile({ of }: { of: Explanation }) {
  const largest = Math.max(...of.profile.map((one) => Math.abs(one.value)));
  const weighed = of.profile.filter((one) => Math.abs(one.value) >= LEAST_SHARE * largest).slice(0, 10);
  return (
    <Paper withBorder p="md" component="section" aria-labelledby="profile">
      <Title order={2} size="h4" id="profile">
        Which past bars weighed
      </Title>
      <Text size="xs" c="dimmed" mb="xs">
        What each bar gave through the sequence models, in log odds, the newest first. Bars that gave next to
        nothing are left out.
      </Text>
      <BarList
        label="Log odds given by each past bar"
        signed
        digits={4}
        items={weighed.map((one) => ({
          name: one.bars_back === 0 ? "the bar itself" : `${one.bars_back} back`,
          value: one.value,
        }))}
      />
    </Paper>
  );
}
