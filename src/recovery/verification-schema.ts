import { z } from "@hono/zod-openapi";

import type { VerificationMethod } from "#platform/database/approval-tables.ts";
import { textOf } from "#platform/http/api.ts";
import { VERIFICATION_METHODS } from "./verification.ts";

const METHODS = Object.keys(VERIFICATION_METHODS) as readonly VerificationMethod[];

/** How the administrator made sure of who was asking, as the API takes it. */
export const verificationSchema = z.strictObject({ method: z.enum(METHODS), note: textOf(500).default("") });
