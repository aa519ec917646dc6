import { Group, Text } from "@mantine/core";
import { IconClockPause, IconPlugConnectedX } from "@tabler/icons-react";
import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef } from "react";
import { useSlow } from "../api/pending";
import { useLiveState } from "../parts/live";
import classes from "./banner.module.css";

/** Tells that changes do not arrive, or that answers take long; it goes by itself when all is well again. */
export function Banner() {
  const live = useLiveState();
  const slow = useSlow();
  const client = useQueryClient();
  const before = useRef(live);

  useEffect(() => {
    const back = before.current === "lost" && live === "live";
    before.current = live;
    if (back) void client.refetchQueries({ predicate: (query) => query.state.status === "error" });
  }, [live, client]);

  const lost = live === "lost";
  return (
    <div aria-live="polite">
      {(lost || slow) && (
        <Group className={classes.banner} gap="xs" wrap="nowrap" mb="sm">
          {lost ? <IconPlugConnectedX size={18} aria-hidden /> : <IconClockPause size={18} aria-hidden />}
          <Text size="sm">
            {lost
              ? "Not live, trying again. What you see was true when it was loaded."
              : "The dashboard is slow to answer. It is still being waited for."}
          </Text>
        </Group>
      )}
    </div>
  );
}
