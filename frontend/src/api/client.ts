import createClient, { type Middleware } from "openapi-fetch";
import { begun, ended } from "./pending";
import type { components, paths } from "./schema";

export type Shapes = components["schemas"];
export type ProblemShape = Shapes["ProblemShape"];

/** A request that failed, in the words of the server. */
export class Problem extends Error {
  constructor(readonly shape: ProblemShape) {
    super(shape.detail);
  }
}

/** The event of the window that tells that the log-in is over. */
export const LOGGED_OUT = "tradewind-logged-out";

const TIMEOUT = 30_000;

const guarded: Middleware = {
  onRequest({ request }) {
    request.headers.set("x-tradewind", "1");
    const sent = new Request(request, {
      signal: AbortSignal.any([request.signal, AbortSignal.timeout(TIMEOUT)]),
    });
    begun(sent);
    return sent;
  },
  async onResponse({ request, response, schemaPath }) {
    ended(request);
    if (response.ok) return response;
    if (response.status === 401 && schemaPath !== "/api/log-in" && schemaPath !== "/api/me")
      window.dispatchEvent(new Event(LOGGED_OUT));
    throw new Problem(await problemOf(response));
  },
  onError({ request, error }) {
    ended(request);
    if (error instanceof Problem) return error;
    // Given up by the page itself, which asks for something else by now: no failure to be told.
    if (error instanceof DOMException && error.name === "AbortError") return error;
    const slow = error instanceof DOMException && error.name === "TimeoutError";
    return new Problem({
      title: slow ? "The dashboard takes too long" : "The dashboard cannot be reached",
      status: 0,
      detail: slow ? "No answer came within 30 seconds." : "The connection failed.",
      fix: "see whether `tradewind dashboard` still runs, then try again",
    });
  },
};

async function problemOf(response: Response): Promise<ProblemShape> {
  const kind = response.headers.get("content-type") ?? "";
  if (kind.includes("json")) {
    const body = (await response.json()) as Partial<ProblemShape>;
    if (typeof body.title === "string" && typeof body.detail === "string")
      return { title: body.title, detail: body.detail, status: response.status, fix: body.fix ?? null };
  }
  return {
    title: "The dashboard failed",
    status: response.status,
    detail: `It answered ${response.status}.`,
  };
}

/** The API, typed by the schema of the server: `await api.GET("/api/me")`. It throws {@link Problem}. */
export const api = createClient<paths>({ baseUrl: window.location.origin });
api.use(guarded);

/** Return the body of an answer; what failed has been thrown before. */
export async function body<T>(answer: Promise<{ data?: T }>): Promise<T> {
  return (await answer).data as T;
}
