import type { Child } from "hono/jsx";
import type { JSX } from "hono/jsx/jsx-runtime";

import type { Assets } from "./assets.ts";
import { DialogContainer } from "./dialog.tsx";
import { Document } from "./document.tsx";
import { InstanceMark } from "./instance-mark.tsx";
import { Navigation, type NavigationSection } from "./navigation.tsx";
import { NotificationArea, type NotificationView } from "./notification.tsx";
import { PanelContainer } from "./panel.tsx";
import type { SessionView } from "./session-left.tsx";
import { type Crumb, type Person, TopBar } from "./top-bar.tsx";

/** What stands around every signed-in page. */
export interface Frame {
  readonly assets: Assets;
  readonly instance: { readonly name: string };
  readonly person: Person;
  readonly session: SessionView;
  /** Whether the person may see who there is. */
  readonly mayFind: boolean;
  readonly mayWorkOnTickets: boolean;
  readonly section: NavigationSection;
  readonly now: Date;
  /** Shown now: what the last action left to say. */
  readonly notifications: readonly NotificationView[];
  /** The last 20, newest first. */
  readonly tray: readonly NotificationView[];
}

export interface PageProps {
  readonly frame: Frame;
  readonly title: string;
  /** From the outermost to this page, each a link. */
  readonly breadcrumb: readonly Crumb[];
  /** At the right of the title: the one main action, a search box, a More button with its menu. */
  readonly action?: Child;
  /** Left of the title, such as large initials. */
  readonly lead?: Child;
  /** Under the title, such as an address and chips. */
  readonly note?: Child;
  readonly children: Child;
}

/** A page for somebody who is signed in: navigation, top bar, title with its action, content, panel, notifications. */
export function Page({ frame, title, breadcrumb, action, lead, note, children }: PageProps): JSX.Element {
  const { assets, instance, person, session, mayFind, mayWorkOnTickets, section, now, notifications, tray } = frame;
  return (
    <Document assets={assets} title={`${title} · ${instance.name}`} look="page" now={now}>
      <div class="frame" id="frame">
        <SkipLink />
        <Navigation instance={instance} section={section} mayWorkOnTickets={mayWorkOnTickets} />
        <TopBar
          instance={instance}
          person={person}
          session={session}
          tray={tray}
          now={now}
          mayFind={mayFind}
          breadcrumb={breadcrumb}
        />
        <main class="main" id="main" tabindex={-1}>
          <header class="page-head">
            {lead}
            <div class="page-heading">
              <h1 class="page-title">{title}</h1>
              {note && <div class="page-note">{note}</div>}
            </div>
            {action && <div class="page-action">{action}</div>}
          </header>
          {children}
        </main>
      </div>
      <PanelContainer />
      <DialogContainer />
      <div class="visually-hidden" id="news" role="log" aria-label="News" />
      <NotificationArea notifications={notifications} />
    </Document>
  );
}

export interface PublicPageProps {
  readonly assets: Assets;
  readonly instance: { readonly name: string };
  readonly title: string;
  /** What the page says first; the title if left out. */
  readonly heading?: string | undefined;
  readonly children: Child;
  /** Under the column: what to do when this does not help. */
  readonly help?: Child;
  readonly notifications?: readonly NotificationView[] | undefined;
  /** For what needs more room than a form. */
  readonly wide?: boolean | undefined;
}

/** A page for somebody who is not signed in, perhaps worried and on a telephone: one column, one thing to do. */
export function PublicPage(props: PublicPageProps): JSX.Element {
  const { assets, instance, title, heading = title, children, help, notifications = [], wide = false } = props;
  return (
    <Document assets={assets} title={`${title} · ${instance.name}`} look="public">
      <SkipLink />
      <div class={wide ? "public public-wide" : "public"}>
        <header class="public-instance">
          <InstanceMark name={instance.name} />
          <span>{instance.name}</span>
        </header>
        <main class="public-main" id="main" tabindex={-1}>
          <h1 class="public-heading">{heading}</h1>
          {children}
        </main>
        {help && <footer class="public-help">{help}</footer>}
      </div>
      <NotificationArea notifications={notifications} />
    </Document>
  );
}

function SkipLink(): JSX.Element {
  return (
    <a class="skip-link" href="#main">
      Skip to content
    </a>
  );
}
