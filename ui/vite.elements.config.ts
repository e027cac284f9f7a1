// The elements for other people's pages: one file with a stable name, beside the console's files.
import { defineConfig } from "vite";
import { tighten } from "./tools/tighten.mjs";
import { aliases } from "./vite.config.ts";

export default defineConfig({
  resolve: { alias: aliases },
  plugins: [tighten(/\/elements\/\w+\.ts$/)],
  publicDir: "elements/public",
  build: {
    outDir: "../notice_center/static/elements/v1",
    emptyOutDir: true,
    target: "es2023",
    modulePreload: false,
    rolldownOptions: {
      input: "elements/index.ts",
      preserveEntrySignatures: "strict", // its exports are what hosts import
      output: { entryFileNames: "notice-elements.js" },
    },
  },
});
