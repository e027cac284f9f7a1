// The console. Files go where the notice center serves them from.
import { fileURLToPath } from "node:url";
import optimizeLocales from "@react-aria/optimize-locales-plugin";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

export const aliases = Object.fromEntries(
  ["client", "shared", "console"].map((name) => [`@${name}`, fileURLToPath(new URL(`./${name}`, import.meta.url))]),
);

// `npx vite` beside a running `alertwrap up`: the pages live here, the API there.
const server = process.env.ALERTWRAP_SERVER ?? "http://127.0.0.1:8000";

export default defineConfig({
  resolve: { alias: aliases },
  plugins: [react(), { ...optimizeLocales.vite({ locales: ["en-US", "ru-RU"] }), enforce: "pre" }],
  build: {
    outDir: "../notice_center/static",
    emptyOutDir: true,
    assetsInlineLimit: 0, // a data: address would need an exception in the policy
    manifest: true,
    target: "es2023",
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: Infinity, // tools/budget.mjs is the judge of sizes
    // What the first page needs comes in one file: forty small ones are forty questions to the server.
    rolldownOptions: { output: { codeSplitting: { groups: [{ name: "first", tags: ["$initial"] }] } } },
  },
  server: { proxy: { "/api": { target: server, ws: true } } },
  test: { environment: "jsdom", include: ["**/*.test.{ts,tsx}"], exclude: ["node_modules/**"] },
});
