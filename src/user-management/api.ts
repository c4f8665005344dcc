import { createRoute, type OpenAPIHono, z } from "@hono/zod-openapi";

import type { Deps } from "#platform/deps.ts";
import { bodyOf, createApi, json, noQuery, problems, textOf } from "#platform/http/api.ts";
import { requireActor, type SessionEnv } from "#sessions/session-cookie.ts";
import { createUser } from "./create-user.ts";
import { getUserDetails } from "./get-user-details.ts";
import { listUsers, USER_SORTS } from "./list-users.ts";
import { superiorField, toUserView, userSchema, viewUser } from "./user-view.ts";

const SORT_WORDS = USER_SORTS.flatMap((sort) => [sort, `-${sort}`]);

const list = createRoute({
  method: "get",
  path: "/users",
  request: {
    query: z.strictObject({
      status: z.enum(["active", "inactive", "all"]).default("all"),
      q: textOf(200).optional(),
      role: userSchema.shape.role.optional(),
      sort: z.enum(SORT_WORDS).default("name"),
      limit: z.coerce.number().int().min(1).max(200).default(50),
      cursor: z.string().max(1000).optional(),
    }),
  },
  responses: {
    200: json(
      z.object({
        items: z.array(userSchema),
        next_cursor: z.string().nullable(),
        counts: z.object({ all: z.number().int(), active: z.number().int(), inactive: z.number().int() }),
      }),
      "One page of the users of the instance",
    ),
    ...problems(401, 403, 422),
  },
});

const create = createRoute({
  method: "post",
  path: "/users",
  request: {
    query: noQuery,
    body: bodyOf(
      z.strictObject({
        email: z.string().max(320),
        username: z.string().max(64).optional(),
        first_name: textOf(100),
        last_name: textOf(100),
        role: userSchema.shape.role,
        title: textOf(100).optional(),
        phone: textOf(50).optional(),
        mobile: textOf(50).optional(),
        department: textOf(100).optional(),
        locale: z
          .string()
          .max(35)
          .regex(/^[A-Za-z0-9-]*$/)
          .optional(),
        time_zone: textOf(64).optional(),
        reports_to: superiorField.optional(),
        invite: z.boolean().default(true),
      }),
    ),
  },
  responses: { 201: json(userSchema, "The new user"), ...problems(401, 403, 409, 422) },
});

const get = createRoute({
  method: "get",
  path: "/users/{id}",
  request: { params: z.object({ id: z.string() }), query: noQuery },
  responses: { 200: json(userSchema, "The user"), ...problems(401, 403, 404) },
});

/** Users over the JSON API. */
export function userManagementApi(deps: Deps): OpenAPIHono<SessionEnv> {
  const api = createApi<SessionEnv>();

  api.openapi(list, async (c) => {
    requireActor(c);
    const { sort, ...query } = c.req.valid("query");
    const name = sort.replace(/^-/, "");
    const page = await listUsers(deps, c.var.scope, {
      ...query,
      sort: USER_SORTS.find((each) => each === name) ?? "name",
      descending: sort.startsWith("-"),
    });
    const now = deps.clock.now();
    const items = page.items.map(({ user, access }) => toUserView(c.var.scope, user, access, now));
    return c.json({ items, next_cursor: page.nextCursor, counts: page.counts }, 200);
  });

  api.openapi(create, async (c) => {
    requireActor(c);
    const {
      first_name: firstName,
      last_name: lastName,
      time_zone: timeZone,
      reports_to: reportsTo,
      ...others
    } = c.req.valid("json");
    const user = await createUser(deps, c.var.scope, { ...others, firstName, lastName, timeZone, reportsTo });
    return c.json(await viewUser(deps, c.var.scope, user), 201);
  });

  api.openapi(get, async (c) => {
    requireActor(c);
    const { user, access } = await getUserDetails(deps, c.var.scope, c.req.valid("param").id);
    return c.json(toUserView(c.var.scope, user, access, deps.clock.now()), 200);
  });

  return api;
}
