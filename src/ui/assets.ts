import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";

import { build, transform } from "esbuild";

/** The files a page links to, under addresses that change with their content, so that browsers may keep them for ever. */
export interface Assets {
  readonly css: string;
  readonly script: string;
  readonly htmx: string;
  readonly icon: string;
  /** Takes a path such as `/assets/rekey.1a2b3c4d5e.css`; undefined for anything that was not made at start. */
  get(path: string): Asset | undefined;
}

export interface Asset {
  readonly body: Uint8Array;
  readonly type: string;
}

/** The order in which the sheets are joined; the layers decide what wins, this only keeps the result stable. */
const SHEETS = [
  "layers",
  "tokens",
  "reset",
  "base",
  "frame",
  "controls",
  "fields",
  "palette",
  "table",
  "menu",
  "panel",
  "dialog",
  "notification",
  "display",
  "chart",
  "pages",
] as const;

const FAVICON = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="8" fill="#2b2724"/><g transform="translate(6.4 6.4) scale(.8)" fill="none" stroke="#fff" stroke-width="2.25" stroke-linecap="round" stroke-linejoin="round"><path d="m15.5 7.5 2.3 2.3a1 1 0 0 0 1.4 0l2.1-2.1a1 1 0 0 0 0-1.4L19 4"/><path d="m21 2-9.6 9.6"/><circle cx="7.5" cy="15.5" r="5.5"/></g></svg>`;

/** Makes the style sheet, the scripts and the icon ready in memory. Called once at start. */
export async function loadAssets(): Promise<Assets> {
  const [sheet, script, htmx] = await Promise.all([joinSheets(), bundleScript(), readHtmx()]);
  const files = new Map<string, Asset>();
  const urls = {
    css: add(files, "rekey.css", { body: encode(sheet), type: "text/css; charset=utf-8" }),
    script: add(files, "rekey.js", { body: encode(script), type: "text/javascript; charset=utf-8" }),
    htmx: add(files, "htmx.js", { body: htmx, type: "text/javascript; charset=utf-8" }),
    icon: add(files, "icon.svg", { body: encode(FAVICON), type: "image/svg+xml" }),
  };
  return { ...urls, get: (path) => files.get(path) };
}

async function joinSheets(): Promise<string> {
  const sources = await Promise.all(
    SHEETS.map((name) => readFile(new URL(`styles/${name}.css`, import.meta.url), "utf8")),
  );
  const { code } = await transform(sources.join("\n"), { loader: "css", minify: true });
  return code;
}

async function bundleScript(): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL("browser/main.ts", import.meta.url))],
    bundle: true,
    format: "iife",
    minify: true,
    target: "es2022",
    write: false,
  });
  return outputFiles.map(({ text }) => text).join("");
}

async function readHtmx(): Promise<Uint8Array> {
  return readFile(fileURLToPath(import.meta.resolve("htmx.org/dist/htmx.min.js")));
}

/** Files the asset under a name such as `rekey.1a2b3c4d5e.css` and returns its URL. */
function add(files: Map<string, Asset>, name: string, asset: Asset): string {
  const hash = createHash("sha256").update(asset.body).digest("hex").slice(0, 10);
  const url = `/assets/${name.replace(".", `.${hash}.`)}`;
  files.set(url, asset);
  return url;
}

function encode(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
