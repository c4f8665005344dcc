import { raw } from "hono/html";
import type { Child } from "hono/jsx";
import type { JSX } from "hono/jsx/jsx-runtime";

import type { Assets } from "./assets.ts";

/** Keeps htmx from adding a style sheet of its own; history stays as the server answers it. */
const HTMX_CONFIG = JSON.stringify({ includeIndicatorCSS: false, history: "reload" });

export interface DocumentProps {
  readonly assets: Assets;
  /** The whole title, instance included, such as "Manage Users · Oak Recovery". */
  readonly title: string;
  readonly look: "page" | "public";
  /** The server's present, so that relative times stay right on a machine whose clock is wrong. */
  readonly now?: Date | undefined;
  readonly children: Child;
}

/** The shell of every page: head, styles, scripts, and the band in the instance's colour. */
export function Document({ assets, title, look, now, children }: DocumentProps): JSX.Element {
  return (
    <>
      {raw("<!doctype html>")}
      <html lang="en" data-now={now?.toISOString()}>
        <head>
          <meta charset="utf-8" />
          <meta name="viewport" content="width=device-width, initial-scale=1" />
          <meta name="color-scheme" content="light dark" />
          <meta name="robots" content="noindex" />
          <meta name="htmx-config" content={HTMX_CONFIG} />
          <title>{title}</title>
          <link rel="icon" type="image/svg+xml" href={assets.icon} />
          <link rel="stylesheet" href={assets.css} />
          <link rel="stylesheet" href="/instance.css" />
          <script src={assets.htmx} defer />
          <script src={assets.script} defer />
        </head>
        <body class={`body body-${look}`}>{children}</body>
      </html>
    </>
  );
}
