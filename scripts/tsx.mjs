// Lets Node run .tsx files as it runs .ts files: esbuild turns JSX into calls of hono/jsx, nothing else changes. What one
// start made of the files serves the next; where it cannot be kept, every start makes it anew.
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { enableCompileCache, registerHooks } from "node:module";
import { fileURLToPath } from "node:url";

import { transformSync, version } from "esbuild";

const CACHE = fileURLToPath(new URL("../node_modules/.cache/rekey", import.meta.url));

enableCompileCache(CACHE);

registerHooks({
  load(url, context, nextLoad) {
    if (!url.endsWith(".tsx")) return nextLoad(url, context);
    const file = fileURLToPath(url);
    return { format: "module", source: transformed(file, readFileSync(file, "utf8")), shortCircuit: true };
  },
});

/** Kept under what it was made from, so that it is never out of date. */
function transformed(file, source) {
  const kept = `${CACHE}/${createHash("sha256").update(`${version}\0${file}\0${source}`).digest("hex")}.js`;
  try {
    return readFileSync(kept, "utf8");
  } catch {
    const code = transform(file, source);
    keep(kept, code);
    return code;
  }
}

function transform(sourcefile, source) {
  const jsx = { loader: "tsx", jsx: "automatic", jsxImportSource: "hono/jsx" };
  return transformSync(source, { ...jsx, target: "node24", sourcemap: "inline", sourcefile }).code;
}

/** Whole or not at all, however many programs start at once. */
function keep(kept, code) {
  try {
    mkdirSync(CACHE, { recursive: true });
    writeFileSync(`${kept}.${process.pid}`, code);
    renameSync(`${kept}.${process.pid}`, kept);
  } catch {
    // The directory may belong to somebody else, or the disk be full.
  }
}
