import "@fontsource-variable/inter";
import "@mantine/core/styles.css";
import "@mantine/notifications/styles.css";
import "./parts/print.css";
import "./parts/tones.css";
import "./parts/words.css";
import { MantineProvider } from "@mantine/core";
import { Notifications } from "@mantine/notifications";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { BrowserRouter } from "react-router";
import { Problem } from "./api/client";
import { SessionGate } from "./session/session";
import Shell from "./shell/shell";
import { theme } from "./theme";
import { askAhead } from "./views/ahead";
import { fetchPage } from "./views/code";

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

// The code of the page that was asked for, and what it shows, come while the server says who is there.
const code = fetchPage(window.location.pathname);
void askAhead(client, window.location.pathname, window.location.search);

const root = document.getElementById("root");
if (!root) throw new Error("index.html lacks #root");
createRoot(root).render(
  <StrictMode>
    <MantineProvider theme={theme} defaultColorScheme="auto">
      <Notifications />
      <QueryClientProvider client={client}>
        <BrowserRouter>
          <SessionGate until={code}>
            <Shell />
          </SessionGate>
        </BrowserRouter>
      </QueryClientProvider>
    </MantineProvider>
  </StrictMode>,
);
