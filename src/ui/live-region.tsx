import type { Child } from "hono/jsx";
import type { JSX } from "hono/jsx/jsx-runtime";

export interface LiveRegionProps {
  readonly id: string;
  /** The page that has this region in it; it is asked again whenever a recovery changes, and now and then. */
  readonly source: string;
  /** Announced when what is in it was filtered, such as "3 of 42 users". */
  readonly summary?: string | undefined;
  readonly children: Child;
}

/** The event that an answer sends along when something about a recovery has changed; the document hears it, also from a dialog that is gone. */
export const RECOVERY_CHANGED = "recovery-changed";

/** Says, in the header of a request, that no person asked for it, so that it does not keep a session alive. */
const AUTOMATIC = JSON.stringify({ "Rekey-Automatic": "1" });

/** Keeps a part of a page true while it is looked at: at once when the server tells of a change or after an act here, and at times. */
export function LiveRegion({ id, source, summary, children }: LiveRegionProps): JSX.Element {
  return (
    <div
      id={id}
      data-live
      data-summary={summary}
      hx-get={source}
      hx-headers={AUTOMATIC}
      hx-trigger={`${RECOVERY_CHANGED} from:document, every 30s`}
      hx-select={`#${id}`}
      hx-target="this"
      hx-swap="outerMorph"
    >
      {children}
    </div>
  );
}
