import { Center, Container, Loader } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { createContext, type ReactNode, useContext, useEffect } from "react";
import { api, body, LOGGED_OUT, Problem, type Shapes } from "../api/client";
import { Failure } from "../parts/states";
import { LogInPage } from "./log-in";

export type Me = Shapes["Me"];
const MeContext = createContext<Me | null>(null);

/**
 * Shows the log-in until somebody is there; below it {@link useMe} says who. What it guards is shown once `until` is
 * settled: what that lacks then would be shown later, in a second drawing of the page.
 */
export function SessionGate({ until, children }: { until?: Promise<unknown>; children: ReactNode }) {
  const client = useQueryClient();
  const me = useQuery({
    queryKey: ["me"],
    queryFn: async () => {
      const who = await body(api.GET("/api/me"));
      await until;
      return who;
    },
    retry: (count, error) => !(error instanceof Problem && error.shape.status === 401) && count < 2,
    staleTime: 60_000,
  });
  useEffect(() => {
    const over = () => {
      // What was asked ahead may be refused before it is known that nobody is there: the log-in is shown by then.
      if (client.getQueryData(["me"])) void client.resetQueries({ queryKey: ["me"] });
    };
    window.addEventListener(LOGGED_OUT, over);
    return () => window.removeEventListener(LOGGED_OUT, over);
  }, [client]);
  if (me.error instanceof Problem && me.error.shape.status === 401)
    return <LogInPage onDone={(who) => client.setQueryData(["me"], who)} />;
  if (me.data) return <MeContext value={me.data}>{children}</MeContext>;
  if (me.error)
    return (
      <Container component="main" size="xs" py="xl">
        <Failure error={me.error} retry={() => me.refetch()} />
      </Container>
    );
  return (
    <Center mih="100dvh">
      <Loader role="status" aria-label="Loading" />
    </Center>
  );
}

/** Who is logged in. */
export function useMe(): Me {
  const me = useContext(MeContext);
  if (!me) throw new Error("useMe needs a SessionGate above it");
  return me;
}
