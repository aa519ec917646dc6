import { Stack } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api, body } from "../../api/client";
import { Failure, Loaded } from "../../parts/states";
import { useUrlState } from "../../parts/url-state";
import { ViewPage } from "../../parts/view-page";
import { useMe } from "../../session/session";
import { DropFile } from "./drop-file";
import { Extras } from "./extras";
import { Understood } from "./understood";
import { upload } from "./upload";
import { Wanted } from "./wanted";
import { type Draft, mayChange } from "./words";

/** From a file of prices to a job: what was understood of it, what stands against it, what shall be done with it. */
export default function NewProject() {
  const me = useMe();
  const client = useQueryClient();
  const [id, setId] = useUrlState("draft");
  const [share, setShare] = useState<number | null>(null);
  const [problem, setProblem] = useState<Error | null>(null);
  const draft = useQuery({
    queryKey: ["draft", id],
    queryFn: () => body(api.GET("/api/project-drafts/{draft}", { params: { path: { draft: id } } })),
    enabled: id !== "",
    staleTime: Number.POSITIVE_INFINITY,
  });

  function take(found: Draft) {
    client.setQueryData(["draft", found.id], found);
    if (found.id !== id) setId(found.id);
  }

  async function give(file: File) {
    setShare(0);
    setProblem(null);
    try {
      take(await upload("POST", "/api/project-drafts", file, setShare));
    } catch (error) {
      setProblem(error as Error);
    } finally {
      setShare(null);
    }
  }

  return (
    <ViewPage
      title="New project"
      lead="Give a file of prices. It is looked at first; nothing is made of it before you say so, and nobody else sees it."
    >
      {!mayChange(me) ? (
        <Failure error={new Error("Projects are made by analysts. Ask one, or an administrator.")} />
      ) : (
        <Stack gap="lg">
          <DropFile
            label={id ? "Take another file" : "Choose a file"}
            says="Drop a CSV or Parquet file here: symbol, date, open, high, low, close, adj_close, volume. A download of one symbol from Yahoo Finance will do, too."
            share={share}
            onFile={give}
          />
          {problem && <Failure error={problem} />}
          {id !== "" && (
            <Loaded query={draft} height={320}>
              {(found) => (
                <>
                  <Understood draft={found} onChange={take} />
                  {found.bars && <Extras draft={found} onChange={take} />}
                  {found.bars && <Wanted key={found.id} draft={found} />}
                </>
              )}
            </Loaded>
          )}
        </Stack>
      )}
    </ViewPage>
  );
}
