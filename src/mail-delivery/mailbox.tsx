import { type Context, Hono } from "hono";
import type { JSX } from "hono/jsx/jsx-runtime";

import { isLoopback } from "#lib/origin.ts";
import type { InstanceEnv, Scope } from "#instances/scope.ts";
import { RekeyError } from "#lib/errors.ts";
import { isId } from "#platform/crypto/id.ts";
import type { Tx } from "#platform/database/database.ts";
import type { Deps } from "#platform/deps.ts";
import { isFromSameMachine } from "#platform/http/same-machine.ts";
import type { Assets } from "#ui/assets.ts";
import { EmptyState } from "#ui/empty-state.tsx";
import { PublicPage } from "#ui/layout.tsx";
import { RelativeTime } from "#ui/time.tsx";
import type { Email, MailKinds, WrittenMail } from "./email.ts";
import { prepareMails } from "./prepare-mails.ts";

const SHOWN = 50;

/** The mail is strange content even if we wrote it: it may look as it likes, open links in a new tab, and do nothing else. */
const MAIL_POLICY =
  "sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'self'";

/**
 * The built-in mailbox, for trying Rekey out before a mail server is set. It holds no mails: it writes them again from the
 * outbox when they are looked at. Whoever reaches it reads everybody's links, so it answers on loopback only and never
 * through a proxy.
 */
export function mailboxRoutes(deps: Deps, assets: Assets, kinds: MailKinds): Hono<InstanceEnv> {
  return new Hono<InstanceEnv>()
    .use("/mailbox/*", async (c, next) => {
      refuseUnlessLocal(c);
      await next();
    })
    .get("/mailbox", async (c) => {
      refuseUnlessLocal(c);
      const { scope } = c.var;
      const mails = await deps.db.inInstance(scope.instance.id, (tx) => listMails(tx, scope, kinds));
      return c.html(<MailboxPage assets={assets} scope={scope} mails={mails} now={deps.clock.now()} />);
    })
    .get("/mailbox/:id", async (c) => {
      const { email, mail } = await readMail(deps, c.var.scope, kinds, c.req.param("id"));
      return c.html(<MailPage assets={assets} scope={c.var.scope} email={email} mail={mail} />);
    })
    .get("/mailbox/:id/html", async (c) => {
      const { mail } = await readMail(deps, c.var.scope, kinds, c.req.param("id"));
      c.header("Content-Security-Policy", MAIL_POLICY);
      return c.html(mail.html.replace("<head>", '<head><base target="_blank">'));
    });
}

/** The host is what a request says; the peer is where it really comes from. Both must be this machine, with no proxy between. */
function refuseUnlessLocal(c: Context<InstanceEnv>): void {
  if (!isLoopback(c.var.scope.instance.origin) || !isFromSameMachine(c)) throw new RekeyError("not_found");
}

interface ListedMail {
  readonly email: Email;
  readonly mail: WrittenMail;
}

async function listMails(tx: Tx, scope: Scope, kinds: MailKinds): Promise<readonly ListedMail[]> {
  const emails = await mailsOf(tx, scope).orderBy("queued_at", "desc").orderBy("id", "desc").limit(SHOWN).execute();
  return writeAgain(tx, scope, kinds, emails);
}

async function readMail(deps: Deps, scope: Scope, kinds: MailKinds, id: string): Promise<ListedMail> {
  return deps.db.inInstance(scope.instance.id, async (tx) => {
    const emails = isId(id) ? await mailsOf(tx, scope).where("id", "=", id).execute() : [];
    const [listed] = await writeAgain(tx, scope, kinds, emails);
    if (!listed) throw new RekeyError("not_found");
    return listed;
  });
}

function mailsOf(tx: Tx, scope: Scope) {
  return tx
    .selectFrom("emails")
    .selectAll()
    .where("instance_id", "=", scope.instance.id)
    .where("state", "=", "accepted");
}

async function writeAgain(
  tx: Tx,
  scope: Scope,
  kinds: MailKinds,
  emails: readonly Email[],
): Promise<readonly ListedMail[]> {
  const draftOf = await prepareMails(tx, kinds, { instance: scope.instance, emails });
  return emails.map((email) => {
    const mail = draftOf(email)?.write(email.settled_at ?? email.queued_at);
    if (!mail) throw new Error(`Nobody writes mails of kind ${email.kind}`);
    return { email, mail };
  });
}

interface MailboxProps {
  readonly assets: Assets;
  readonly scope: Scope;
}

function MailboxPage({
  assets,
  scope,
  mails,
  now,
}: MailboxProps & { mails: readonly ListedMail[]; now: Date }): JSX.Element {
  return (
    <PublicPage assets={assets} instance={scope.instance} title="Mailbox" wide help={<WhatThisIs />}>
      {mails.length === 0 && (
        <EmptyState title="No mails yet">Send a reset link from Manage Users, and it shows up here.</EmptyState>
      )}
      <ul class="mailbox">
        {mails.map(({ email, mail }) => (
          <li class="mailbox-item">
            <a class="mailbox-subject" href={`/mailbox/${email.id}`}>
              {mail.subject}
            </a>
            <span class="mailbox-note">
              To {email.to_address} · <RelativeTime at={email.queued_at} now={now} timeZone={scope.instance.timeZone} />
            </span>
          </li>
        ))}
      </ul>
    </PublicPage>
  );
}

function MailPage({ assets, scope, email, mail }: MailboxProps & ListedMail): JSX.Element {
  return (
    <PublicPage
      assets={assets}
      instance={scope.instance}
      title={mail.subject}
      wide
      heading={mail.subject}
      help={<WhatThisIs />}
    >
      <p class="mailbox-note">
        To {email.to_address} · <a href="/mailbox">All mails</a>
      </p>
      <iframe class="mailbox-frame" src={`/mailbox/${email.id}/html`} title="The mail as the person sees it" />
      <details>
        <summary>Plain text</summary>
        <pre class="mailbox-text">{mail.text}</pre>
      </details>
    </PublicPage>
  );
}

function WhatThisIs(): JSX.Element {
  return (
    <p>
      This is the built-in mailbox: no mail leaves this machine until SMTP_URL names a mail server. Everybody on this
      machine can read it.
    </p>
  );
}
