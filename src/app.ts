import { randomUUID } from "node:crypto";

import { getConnInfo } from "@hono/node-server/conninfo";
import { type Context, Hono, type MiddlewareHandler } from "hono";
import { compress } from "hono/compress";
import { routePath } from "hono/route";

import { accountRoutes } from "#account/routes.tsx";
import { apiKeysApi } from "#api-keys/api.ts";
import { apiKeyRoutes } from "#api-keys/routes.tsx";
import { auditTrailApi } from "#audit-trail/api.ts";
import { auditTrailRoutes } from "#audit-trail/routes.tsx";
import { dashboardRoutes } from "#dashboard/routes.tsx";
import { findInstanceByHost } from "#instances/instance.ts";
import { instanceRoutes } from "#instances/routes.ts";
import { instanceRequestsApi } from "#instance-requests/api.ts";
import { instanceRequestRoutes } from "#instance-requests/routes.tsx";
import { answerOnce } from "#idempotency/answer-once.ts";
import { declareIdempotencyKey } from "#idempotency/declare-idempotency-key.ts";
import { STRANGER } from "#instances/scope.ts";
import { RekeyError } from "#lib/errors.ts";
import type { MailKinds } from "#mail-delivery/email.ts";
import type { MailCounts } from "#mail-delivery/mail-counts.ts";
import { mailStatusApi } from "#mail-status/api.ts";
import { mailStatusRoutes } from "#mail-status/routes.tsx";
import { mailboxRoutes } from "#mail-delivery/mailbox.tsx";
import { type RequestTimes, watchRequests } from "#metrics/request-times.ts";
import { metricsRoutes } from "#metrics/routes.ts";
import { createApi } from "#platform/http/api.ts";
import type { Deps } from "#platform/deps.ts";
import { addSecurityHeaders } from "#platform/http/security-headers.ts";
import type { SourceAddress } from "#platform/http/source-address.ts";
import { recoveryApi } from "#recovery/api.ts";
import { passwordApi } from "#recovery/password-api.ts";
import { recoveryRoutes } from "#recovery/routes.tsx";
import { confirmInPlace } from "#sessions/confirm-in-place.tsx";
import { requireOwnPassword } from "#sessions/must-change.ts";
import type { SessionEnv } from "#sessions/session-cookie.ts";
import { settingsApi } from "#settings/api.ts";
import { settingsRoutes } from "#settings/routes.tsx";
import { signInApi } from "#sign-in/api.ts";
import { signInRoutes } from "#sign-in/routes.tsx";
import { signInInPlace } from "#sign-in/sign-in-in-place.tsx";
import type { Assets } from "#ui/assets.ts";
import { ticketsApi } from "#tickets/api.ts";
import { ticketPagesRoutes } from "#ticket-pages/routes.tsx";
import { ticketRoutes } from "#tickets/routes.tsx";
import { accessRoutes } from "#user-management/access-routes.tsx";
import { actRoutes } from "#user-management/act-routes.tsx";
import { userActsApi } from "#user-management/acts-api.ts";
import { deactivateRoutes } from "#user-management/deactivate-routes.tsx";
import { diagnosisApi } from "#user-management/diagnosis-api.ts";
import { safeguardRoutes } from "#user-management/safeguard-routes.tsx";
import { safeguardsApi } from "#user-management/safeguards-api.ts";
import { userImportRoutes } from "#user-import/routes.tsx";
import { userManagementApi } from "#user-management/api.ts";
import { linkRoutes } from "#user-management/link-routes.tsx";
import { paletteRoutes } from "#user-management/palette-routes.tsx";
import { passwordRoutes } from "#user-management/password-routes.tsx";
import { userFormRoutes } from "#user-management/user-form-routes.tsx";
import { signInsApi } from "#user-management/sign-ins-api.ts";
import { userManagementRoutes } from "#user-management/routes.tsx";
import { recognise } from "./recognise.ts";
import { answerRefusal } from "./refusal.tsx";
import { awaitBody, limitBodies, requireJson } from "./request-bodies.ts";
import { wellKnownRoutes } from "./well-known.ts";
import { nothingFor } from "./wrong-method.ts";

const ASSET_LIFE_SECONDS = 31_536_000;
const API = "/api/v1";

export interface AppParts {
  readonly deps: Deps;
  readonly assets: Assets;
  readonly sourceAddress: SourceAddress;
  /** Set when mails are kept in the built-in mailbox. */
  readonly mailbox: MailKinds | undefined;
  /** With which metrics are read from elsewhere, and what they tell of mails. */
  readonly metrics: { readonly token: string | undefined; readonly mails: MailCounts };
}

type C = Context<SessionEnv>;

/** Everything that Rekey answers over HTTP: what happens to every request first, then each feature's routes, then refusals. */
export function createApp(parts: AppParts): Hono<SessionEnv> {
  const { deps, assets, mailbox, metrics } = parts;
  const requests = watchRequests();
  const app = new Hono<SessionEnv>({ strict: false }); // A slash after an address does no harm.
  app.onError((error, c) => answerRefusal(deps, assets, c, error));
  app.notFound((c) => answerRefusal(deps, assets, c, nothingFor(app, c)));

  app.use(identifyAndLog(deps, requests));
  app.get("/healthz", (c) => c.text("ok"));
  app.get("/readyz", async (c) => {
    await deps.db.ping();
    return c.text("ready");
  });
  app.route("/", metricsRoutes(deps, { ...metrics, requests }));
  app.use(enterInstance(parts));
  app.use(compress());
  app.get("/assets/:file", (c) => answerAsset(assets, c));
  app.route("/", instanceRoutes());
  app.use(limitBodies());
  app.use(awaitBody);
  app.use(recognise(deps));
  app.use(signInInPlace(deps, assets));
  app.use(requireOwnPassword);
  app.use(confirmInPlace(deps, assets));
  app.use(`${API}/*`, requireJson);
  app.use(`${API}/*`, answerOnce(deps));

  app.route("/", wellKnownRoutes(deps));
  app.route("/", signInRoutes(deps, assets));
  app.route("/", accountRoutes(deps, assets));
  app.route("/", dashboardRoutes(deps, assets));
  app.route("/", settingsRoutes(deps, assets));
  app.route("/", mailStatusRoutes(deps, assets));
  app.route("/", apiKeyRoutes(deps, assets));
  app.route("/", auditTrailRoutes(deps, assets));
  app.route("/", userFormRoutes(deps, assets));
  app.route("/", userImportRoutes(deps, assets));
  app.route("/", userManagementRoutes(deps, assets));
  app.route("/", passwordRoutes(deps, assets));
  app.route("/", linkRoutes(deps, assets));
  app.route("/", actRoutes(deps, assets));
  app.route("/", deactivateRoutes(deps, assets));
  app.route("/", safeguardRoutes(deps, assets));
  app.route("/", accessRoutes(deps, assets));
  app.route("/", paletteRoutes(deps, assets));
  app.route("/", recoveryRoutes(deps, assets));
  app.route("/", ticketRoutes(deps, assets));
  app.route("/", instanceRequestRoutes(deps, assets));
  app.route("/", ticketPagesRoutes(deps, assets));
  if (mailbox) app.route("/", mailboxRoutes(deps, assets, mailbox));
  app.route("/", createWholeApi(deps));
  return app;
}

function createWholeApi(deps: Deps) {
  const api = createApi<SessionEnv>();
  api.route(API, signInApi(deps));
  api.route(API, userManagementApi(deps));
  api.route(API, userActsApi(deps));
  api.route(API, signInsApi(deps));
  api.route(API, diagnosisApi(deps));
  api.route(API, safeguardsApi(deps));
  api.route(API, recoveryApi(deps));
  api.route(API, passwordApi(deps));
  api.route(API, ticketsApi(deps));
  api.route(API, instanceRequestsApi(deps));
  api.route(API, settingsApi(deps));
  api.route(API, mailStatusApi(deps));
  api.route(API, apiKeysApi(deps));
  api.route(API, auditTrailApi(deps));
  const { openAPIRegistry: registry } = api;
  registry.registerComponent("securitySchemes", "apiKey", { type: "http", scheme: "bearer" });
  registry.registerComponent("securitySchemes", "session", {
    type: "apiKey",
    in: "cookie",
    name: "__Host-rekey",
    description:
      "The cookie of POST /session; on an http origin, which only this machine can have, it is called rekey.",
  });
  declareIdempotencyKey(api);
  const info = { title: "Rekey", version: "1" };
  return api.doc31("/api/openapi.json", { openapi: "3.1.0", info, security: [{ apiKey: [] }, { session: [] }] });
}

/** Gives the request a number that its log line, its audit events and its error page share, and times it. Logs the route, never the path. */
function identifyAndLog(deps: Deps, requests: RequestTimes): MiddlewareHandler<SessionEnv> {
  return async (c, next) => {
    const startedAt = performance.now();
    c.set("requestId", randomUUID());
    await next();
    addSecurityHeaders(c.res.headers, c.var.scope?.instance.origin.startsWith("https:") ?? false);
    c.res.headers.set("X-Request-Id", c.var.requestId);
    const tookMs = performance.now() - startedAt;
    requests.count({ status: c.res.status, tookMs });
    deps.log.debug("request", {
      id: c.var.requestId,
      method: c.req.method,
      route: routePath(c, -1),
      status: c.res.status,
      ms: Math.round(tookMs),
    });
  };
}

/** The host decides which instance is meant; nothing else a request says does (OWASP ASVS 5.0, V4.1.2). */
function enterInstance({ deps, sourceAddress }: AppParts): MiddlewareHandler<SessionEnv> {
  return async (c, next) => {
    const instance = await findInstanceByHost(deps.db, c.req.header("Host") ?? "");
    if (!instance) throw new RekeyError("unknown_instance");
    const peer = getConnInfo(c).remote.address ?? "";
    const request = { id: c.var.requestId, sourceAddress: sourceAddress(peer, c.req.header("X-Forwarded-For")) };
    c.set("scope", { instance, actor: STRANGER, request });
    if (instance.status === "suspended") throw new RekeyError("instance_suspended");
    await next();
  };
}

function answerAsset(assets: Assets, c: C): Response {
  const asset = assets.get(new URL(c.req.url).pathname);
  if (!asset) throw new RekeyError("not_found");
  c.header("Cache-Control", `public, max-age=${ASSET_LIFE_SECONDS}, immutable`);
  return c.body(new Uint8Array(asset.body), 200, { "Content-Type": asset.type });
}
