import type { Context } from "hono";
import type { Child } from "hono/jsx";
import type { JSX } from "hono/jsx/jsx-runtime";
import type { ContentfulStatusCode } from "hono/utils/http-status";

import { Icon } from "./icon.tsx";

/** Stands empty and hidden in every `Page`; content that is swapped into it brings it up. No native modal, since that would keep the notifications beside it from being read. */
export function DialogContainer(): JSX.Element {
  return (
    <>
      <div
        class="dialog"
        id="dialog"
        role="dialog"
        aria-labelledby="dialog-title"
        aria-describedby="dialog-note"
        tabindex={-1}
        hidden
      />
      <div class="dialog-backdrop" />
    </>
  );
}

export interface DialogProps {
  readonly title: string;
  readonly note?: Child;
  readonly children: Child;
}

/** The content of the dialog: what the server answers to a link or form with the target `#dialog`, and nothing else. */
export function Dialog({ title, note, children }: DialogProps): JSX.Element {
  return (
    <>
      <header class="dialog-head">
        <div class="dialog-heading">
          <h2 class="dialog-title" id="dialog-title">
            {title}
          </h2>
          {note && (
            <div class="dialog-note" id="dialog-note">
              {note}
            </div>
          )}
        </div>
        <button type="button" class="icon-button" data-layer-close aria-label="Close">
          <Icon name="x" size={20} />
        </button>
      </header>
      <div class="dialog-body">{children}</div>
    </>
  );
}

/** Shows this in the dialog, whatever the click was to bring and wherever to. */
export function showInDialog(
  c: Context,
  content: JSX.Element,
  status: ContentfulStatusCode,
): Response | Promise<Response> {
  c.header("HX-Retarget", "#dialog");
  c.header("HX-Reswap", "innerHTML");
  c.header("HX-Reselect", ".dialog-head, .dialog-body");
  return c.html(content, status);
}

/** @returns what makes a form in a dialog be answered there; without the script it is answered by a page. */
export function answeredInDialog(action: string): Record<string, string> {
  return { "hx-post": action, "hx-target": "#dialog", "hx-sync": "this:drop" };
}
