import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import react from "@vitejs/plugin-react";
import type { Plugin } from "vite";
import { defineConfig } from "vitest/config";

const usual = "../src/tradewind/web/static";

/** Packs what compresses beside the files themselves, so that the server packs nothing while people wait. */
function packed() {
  let out = usual;
  return {
    name: "packed",
    apply: "build" as const,
    configResolved(config: { build: { outDir: string } }) {
      out = config.build.outDir;
    },
    closeBundle() {
      for (const entry of readdirSync(out, { recursive: true, withFileTypes: true })) {
        if (!entry.isFile() || !/\.(js|css|html|svg)$/.test(entry.name)) continue;
        const path = join(entry.parentPath, entry.name);
        const text = readFileSync(path);
        if (text.length > 1024) writeFileSync(`${path}.gz`, gzipSync(text, { level: 9 }));
      }
    },
  };
}

/**
 * Writes `pages.json`: which files each page is made of, by its address, so that the server can name them in the answer
 * that carries the page's frame, and the browser fetches all at once.
 */
function pages() {
  return {
    name: "pages",
    apply: "build" as const,
    generateBundle(_: unknown, bundle: Record<string, Made>) {
      const first = Object.values(bundle).find((one) => one.isEntry);
      const common = new Set(first ? filesOf(first, bundle) : []);
      const font = Object.keys(bundle).filter((name) => /inter-latin-wght-normal.*\.woff2$/.test(name));
      const found: Record<string, string[]> = { "": font };
      for (const one of Object.values(bundle)) {
        const page = /src\/views\/(.+)\/index\.tsx$/.exec(one.facadeModuleId ?? "")?.[1];
        if (page) found[page] = filesOf(one, bundle).filter((file) => !common.has(file));
      }
      const text = JSON.stringify(Object.fromEntries(Object.entries(found).sort()), null, 1);
      this.emitFile({ type: "asset", fileName: "pages.json", source: text });
    },
  } as Plugin;
}

interface Made {
  fileName: string;
  isEntry?: boolean;
  facadeModuleId?: string | null;
  imports?: string[];
  viteMetadata?: { importedCss: Set<string> };
}

/** A file with all that it imports, and their styles. */
function filesOf(one: Made, bundle: Record<string, Made>, seen = new Set<string>()): string[] {
  if (seen.has(one.fileName)) return [];
  seen.add(one.fileName);
  const below = (one.imports ?? []).flatMap((name) => {
    const next = bundle[name];
    return next ? filesOf(next, bundle, seen) : [];
  });
  return [...new Set([one.fileName, ...(one.viteMetadata?.importedCss ?? []), ...below])];
}

export default defineConfig({
  plugins: [react(), packed(), pages()],
  build: {
    outDir: usual,
    emptyOutDir: true,
    target: "es2022",
    chunkSizeWarningLimit: 800,
    rolldownOptions: {
      output: {
        codeSplitting: {
          // A few files that most pages share, instead of sixty small ones that queue for six connections.
          groups: [
            { name: "vendor", test: /node_modules\/(?!lightweight-charts|fancy-canvas)/, priority: 3 },
            { name: "parts", test: /src\/(api|session|parts)\/(?!charts\/)|\/tabs\.ts$/, priority: 2 },
            { name: "charts", test: /src\/parts\/charts\//, priority: 1 },
          ],
        },
      },
    },
  },
  server: { proxy: { "/api": process.env.TRADEWIND_DASHBOARD ?? "http://127.0.0.1:8700" } },
  test: {
    environment: "jsdom",
    include: ["src/**/*.test.{ts,tsx}"],
    setupFiles: ["src/test-setup.ts"],
    testTimeout: 30_000,
  },
});
