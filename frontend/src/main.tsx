import "@fontsource-variable/inter";
import "@mantine/core/styles.css";
import "@mantine/notifications/styles.css";
import "./parts/print.css";
import "./parts/tones.css";
import "./parts/words.css";
import { MantineProvider } from "@mantine/core";
import { Notifications } from "@mantine/notifications";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { lazy, StrictMode, Suspense } from "react";
import { createRoot } from "react-dom/client";
import { BrowserRouter } from "react-router";
import { Problem } from "./api/client";
import { SessionGate } from "./session/session";
import { theme } from "./theme";
import { fetchPage } from "./views/routes";

// The log-in does without the frame; both come at once, while the server says who is there.
const frame = import("./shell/shell");
const Shell = lazy(() => frame);

// The code of the page that was asked for comes while the server says who is there.
fetchPage(window.location.pathname);

const client = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 15_000,
      refetchOnWindowFocus: false,
      retry: (count, error) =>
        !(error instanceof Problem && error.shape.status >= 400 && error.shape.status < 500) && count < 2,
    },
  },
});

const root = document.getElementById("root");
if (!root) throw new Error("index.html lacks #root");
createRoot(root).render(
  <StrictMode>
    <MantineProvider theme={theme} defaultColorScheme="auto">
      <Notifications />
      <QueryClientProvider client={client}>
        <BrowserRouter>
          <SessionGate>
            <Suspense fallback={null}>
              <Shell />
            </Suspense>
          </SessionGate>
        </BrowserRouter>
      </QueryClientProvider>
    </MantineProvider>
  </StrictMode>,
);
