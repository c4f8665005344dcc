import type { Context } from "hono";
import { HTTPException } from "hono/http-exception";
import { routePath } from "hono/route";
import type { ContentfulStatusCode } from "hono/utils/http-status";

import { traceOf } from "#lib/error-words.ts";
import type { ErrorCode } from "#lib/error-codes.ts";
import { RekeyError } from "#lib/errors.ts";
import { METRICS_PATH } from "#metrics/may-read.ts";
import { keepShown } from "#notifications/notification.ts";
import type { Deps } from "#platform/deps.ts";
import { askToConfirm } from "#sessions/confirm-in-place.tsx";
import { OWN_PASSWORD_PAGE } from "#sessions/must-change.ts";
import { isAutomatic, readSessionId, type SessionEnv } from "#sessions/session-cookie.ts";
import { SignInPage } from "#sign-in/pages.tsx";
import { askToSignInAgain, pageOf } from "#sign-in/sign-in-in-place.tsx";
import type { Assets } from "#ui/assets.ts";
import { FaultPage } from "#ui/fault-page.tsx";
import { NotificationFragment } from "#ui/notification.tsx";
import { findGrantors, namesOf } from "#user-management/request-access.ts";

type C = Context<SessionEnv>;

/** What somebody meets who tries the controls; whose act was refused stands in the record as well (OWASP ASVS 5.0, V16.3). */
const TELLING: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  "api_key_invalid",
  "forbidden_origin",
  "not_permitted",
  "too_many_requests",
  "unknown_field",
]);

/**
 * The one place where what was thrown becomes an answer: problem+json for programs, a notification for htmx, a page for
 * people. What is no refusal of ours is a defect: logged with its cause, and never shown.
 */
export async function answerRefusal(deps: Deps, assets: Assets, c: C, thrown: unknown): Promise<Response> {
  const refusal = asRefusal(thrown);
  if (refusal.status >= 500 && refusal.cause !== undefined) {
    deps.log.error("a request failed", { id: c.var.requestId, code: refusal.code, error: traceOf(refusal.cause) });
  }
  if (TELLING.has(refusal.code)) logRefusal(deps, c, refusal);
  if (refusal.retryAfterSeconds !== undefined) c.header("Retry-After", String(refusal.retryAfterSeconds));
  const status = refusal.status as ContentfulStatusCode;
  if (c.req.path.startsWith("/api/") || c.req.path === METRICS_PATH) return answerProblem(c, refusal, status);
  if (!c.var.scope) return c.text(`${refusal.title} ${refusal.detail}\n`, status);
  if (refusal.code === "step_up_required") return askToConfirm(deps, assets, c);
  if (refusal.code === "already_done") return leadBack(c);
  if (c.req.header("HX-Request") === "true") return answerFragment(deps, assets, c, refusal);
  if (refusal.code === "sign_in_required") return askToSignIn(deps, assets, c);
  if (refusal.code === "password_change_required") return c.redirect(OWN_PASSWORD_PAGE, 303);
  if (c.req.method === "POST") await keepInTray(deps, c, refusal);
  return c.html(
    <FaultPage
      assets={assets}
      instance={c.var.scope.instance}
      title={refusal.title}
      detail={sentenceOf(refusal)}
      requestId={c.var.requestId}
      grantors={await findGrantorsOf(deps, c, refusal)}
    />,
    status,
  );
}

/** Whose role lacks nothing is not sent to ask for more; a database that is away keeps the answer from nobody. */
async function findGrantorsOf(deps: Deps, c: C, { code }: RekeyError): Promise<string | undefined> {
  const { scope, session } = c.var;
  if (code !== "not_permitted" || session === undefined) return undefined;
  const grantors = await deps.db.inInstance(scope.instance.id, (tx) => findGrantors(tx, scope)).catch(() => []);
  return grantors.length > 0 ? namesOf(grantors) : undefined;
}

function logRefusal(deps: Deps, c: C, { code }: RekeyError): void {
  const { requestId: id, scope } = c.var;
  const source = scope?.request?.sourceAddress;
  deps.log.warn("a request was refused", { id, code, method: c.req.method, route: routePath(c, -1), source });
}

function asRefusal(thrown: unknown): RekeyError {
  if (thrown instanceof RekeyError) return thrown;
  if (thrown instanceof HTTPException && thrown.status < 500)
    return new RekeyError("invalid_request", { cause: thrown });
  return new RekeyError("defect", { cause: thrown });
}

/** RFC 9457. */
function answerProblem(c: C, refusal: RekeyError, status: ContentfulStatusCode): Response {
  const problem = {
    type: `urn:rekey:problem:${refusal.code}`,
    title: refusal.title,
    status,
    detail: refusal.detail,
    code: refusal.code,
    request_id: c.var.requestId,
    ...refusal.members,
    ...(refusal.fields.length > 0 ? { errors: refusal.fields } : {}),
  };
  return c.body(JSON.stringify(problem), status, { "Content-Type": "application/problem+json" });
}

/** A click in a page is answered in the page, also when its session has ended. */
async function answerFragment(deps: Deps, assets: Assets, c: C, refusal: RekeyError): Promise<Response> {
  if (refusal.code === "password_change_required") {
    c.header("HX-Redirect", OWN_PASSWORD_PAGE);
    return c.body(null, 403);
  }
  if (isAutomatic(c)) {
    c.header("HX-Reswap", "none"); // Nobody asked: the next time it asks itself, it may have an answer.
    return c.body(null, refusal.status as ContentfulStatusCode);
  }
  if (refusal.code === "sign_in_required") return askToSignInAgain(deps, assets, c);
  await keepInTray(deps, c, refusal);
  const now = deps.clock.now();
  return c.html(
    <>
      {isUnderWay(refusal) && <hx-partial hx-target="#dialog" />}
      <NotificationFragment notification={{ id: c.var.requestId, at: now, ...toNotification(refusal) }} now={now} />
    </>,
    refusal.status as ContentfulStatusCode,
  );
}

/** It is still there after the next page. A database that is away keeps the answer from nobody. */
async function keepInTray(deps: Deps, c: C, refusal: RekeyError): Promise<void> {
  const { scope } = c.var;
  if (refusal.status >= 500 || scope.actor.type !== "user") return;
  const at = deps.clock.now();
  await deps.db
    .inInstance(scope.instance.id, (tx) => keepShown(tx, scope, at, toNotification(refusal)))
    .catch((error: unknown) => deps.log.warn("a refusal is not in the tray", { error: traceOf(error) }));
}

function toNotification(refusal: RekeyError) {
  const kind = isUnderWay(refusal) ? "info" : "error";
  return { kind, title: refusal.title, text: sentenceOf(refusal) } as const;
}

/** Somebody else decides, and nothing is left to do here. */
function isUnderWay({ code }: RekeyError): boolean {
  return code === "approval_required";
}

/** What was clicked once and came twice: the page on which it was clicked shows what became of it. */
function leadBack(c: C): Response {
  if (c.req.header("HX-Request") !== "true") return c.redirect(pageOf(c.req.path), 303);
  c.header("HX-Refresh", "true");
  return c.body(null, 204);
}

/** An ended session is said where one is, with the way back; who never had one is led to the front door. A click is carried along. */
function askToSignIn(deps: Deps, assets: Assets, c: C): Response | Promise<Response> {
  if (c.req.method === "POST") return askToSignInAgain(deps, assets, c);
  const { pathname, search } = new URL(c.req.url);
  const next = pathname + search;
  if (readSessionId(c, c.var.scope.instance.origin) !== undefined) {
    return c.html(
      <SignInPage assets={assets} instance={c.var.scope.instance} next={next} notice="session_ended" />,
      401,
    );
  }
  const query = next !== "/" ? `?next=${encodeURIComponent(next)}` : "";
  return c.redirect(`/sign-in${query}`, 303);
}

function sentenceOf(refusal: RekeyError): string {
  return [refusal.detail, ...refusal.fields.map(({ field, detail }) => `${field}: ${detail}`)].join(" ");
}
