// Bundles the scripts of the page, one file for each widget: node build.mjs [FOLDER]
//
// Every module in chatwidget/static/src with a default export is what a widget loads. The bundles
// are committed: nothing is built where the package is installed, and nothing loaded from elsewhere.

import { mkdir, readFile, readdir, rm } from "node:fs/promises";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";

import { build } from "esbuild";

const STATIC = fileURLToPath(new URL("../../chatwidget/static", import.meta.url));
const SOURCES = join(STATIC, "src");
const BUNDLES = process.argv[2] ?? join(STATIC, "dist");

async function entries() {
  const all = await readdir(SOURCES, { recursive: true });
  const names = all.filter((name) => name.endsWith(".js")).sort();
  const texts = await Promise.all(names.map((name) => readFile(join(SOURCES, name), "utf-8")));
  return names.filter((_, place) => /^export default /m.test(texts[place]));
}

/** Each widget sends its bundle to the page: so no comments and little space, but its own names. */
async function bundle(name) {
  await build({
    absWorkingDir: SOURCES,
    banner: { js: `// Made by "make frontend" from chatwidget/static/src/${name}; do not edit.` },
    bundle: true,
    charset: "utf8",
    entryPoints: [name],
    format: "esm",
    legalComments: "none",
    minifySyntax: true,
    minifyWhitespace: true,
    outfile: join(BUNDLES, basename(name)),
    target: "es2022",
  });
}

await mkdir(BUNDLES, { recursive: true });
for (const name of await readdir(BUNDLES)) {
  await rm(join(BUNDLES, name)); // one whose source is gone
}
await Promise.all((await entries()).map(bundle));
