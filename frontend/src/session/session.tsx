import { useQuery, useQueryClient } from "@tanstack/react-query";
import { createContext, type ReactNode, useContext } from "react";
import { api, body, Problem, type Shapes } from "../api/client";
import { Failure } from "../parts/states";
import { LogInPage } from "./log-in";

export type Me = Shapes["Me"];
const MeContext = createContext<Me | null>(null);

/** Shows the log-in until somebody is there; below it {@link useMe} says who. */
export function SessionGate({ children }: { children: ReactNode }) {
  const client = useQueryClient();
  const me = useQuery({
    queryKey: ["me"],
    queryFn: () => body(api.GET("/api/me")),
    retry: (count, error) => !(error instanceof Problem && error.shape.status === 401) && count < 2,
    staleTime: 60_000,
  });
  if (me.data) return <MeContext value={me.data}>{children}</MeContext>;
  if (me.error instanceof Problem && me.error.shape.status === 401)
    return <LogInPage onDone={(who) => client.setQueryData(["me"], who)} />;
  if (me.error) return <Failure error={me.error} retry={() => me.refetch()} />;
  return null;
}

/** Who is logged in. */
export function useMe(): Me {
  const me = useContext(MeContext);
  if (!me) throw new Error("useMe needs a SessionGate above it");
  return me;
}
