// The elements for other people's pages: one file with a stable name, beside the console's files.
import { fileURLToPath } from "node:url";
import { minify } from "terser";
import { defineConfig, type Plugin } from "vite";
import { manifestBeside } from "./tools/manifest.mjs";
import { shorten } from "./tools/shorten.mjs";
import { tighten } from "./tools/tighten.mjs";
import { aliases } from "./vite.config.ts";

const ENTRY = fileURLToPath(new URL("elements/index.ts", import.meta.url));
/** What Vite's own minifier leaves, a slower one finds. */
const squeeze: Plugin = {
  name: "squeeze-script",
  async generateBundle(_, files) {
    for (const file of Object.values(files)) {
      if (file.type === "chunk") file.code = (await minify(file.code, { module: true, ecma: 2020, compress: { passes: 3 } })).code ?? file.code;
    }
  },
};

export default defineConfig({
  resolve: { alias: aliases },
  plugins: [shorten(ENTRY), tighten(/\/elements\/\w+\.ts$/), squeeze, manifestBeside()],
  publicDir: "elements/public",
  build: {
    outDir: "../notice_center/static/elements/v1",
    emptyOutDir: true,
    target: "es2023",
    modulePreload: false,
    rolldownOptions: {
      input: ENTRY,
      preserveEntrySignatures: "strict", // its exports are what hosts import
      output: { entryFileNames: "notice-elements.js" },
    },
  },
});
