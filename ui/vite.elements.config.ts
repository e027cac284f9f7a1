// The elements for other people's pages: one file with a stable name, beside the console's files.
import { defineConfig, type Plugin } from "vite";
import { aliases } from "./vite.config.ts";

/** Sheets are written to be read; what is shipped has no spaces that mean nothing. */
const tighten: Plugin = {
  name: "tighten-sheets",
  enforce: "pre",
  transform: (code, file) =>
    /\/elements\/\w+\.ts$/.test(file)
      ? code.replace(/css`[^`]*`/g, (sheet) => sheet.replace(/\s+/g, " ").replace(/ ?([{};,]) ?/g, "$1").replaceAll(": ", ":"))
      : null,
};

export default defineConfig({
  resolve: { alias: aliases },
  plugins: [tighten],
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
