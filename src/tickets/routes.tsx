import { type Context, Hono } from "hono";

import { type FieldFault, fieldFaultsOf, RekeyError } from "#lib/errors.ts";
import type { Deps } from "#platform/deps.ts";
import { dropOwnCookie, setOwnCookie } from "#platform/http/cookies.ts";
import { readForm } from "#platform/http/form.ts";
import { countingGuesses } from "#recovery/guessed-token.ts";
import { tokenCookie, tokenInAddress } from "#recovery/token-cookie.ts";
import type { SessionEnv } from "#sessions/session-cookie.ts";
import type { Assets } from "#ui/assets.ts";
import { ANSWER_ADDRESS, getAnsweredEmail, readAnswerToken } from "./answer-link.ts";
import { AnsweredPage, AnswerPage, NoAnswerPage } from "./answer-pages.tsx";
import { answerTicket } from "./answer-ticket.ts";
import { ContactedPage, ContactPage } from "./contact-page.tsx";
import { requestSupport } from "./request-support.ts";

type C = Context<SessionEnv>;

/** What people do without signing in: asking for help, and answering a reply by the link in it. */
export function ticketRoutes(deps: Deps, assets: Assets): Hono<SessionEnv> {
  return new Hono<SessionEnv>()
    .get("/contact", (c) => c.html(<ContactPage {...frameOf(assets, c)} values={NOTHING_WRITTEN} faults={[]} />))
    .post("/contact", async (c) => {
      const values = await readForm(c, ["name", "email", "message"]);
      try {
        await requestSupport(deps, c.var.scope, values);
        return c.redirect("/contact/sent", 303);
      } catch (error) {
        return c.html(<ContactPage {...frameOf(assets, c)} values={values} faults={fieldFaultsOf(error)} />, 422);
      }
    })
    .get("/contact/sent", (c) => c.html(<ContactedPage {...frameOf(assets, c)} />))
    .get(`${ANSWER_ADDRESS}/:token`, (c) => hideToken(deps, assets, c))
    .get(ANSWER_ADDRESS, (c) => askForAnswer(deps, assets, c, { mailId: c.req.query("mail") ?? "" }))
    .post(ANSWER_ADDRESS, (c) => answer(deps, assets, c));
}

const NOTHING_WRITTEN = { name: "", email: "", message: "" };

function frameOf(assets: Assets, c: C) {
  return { assets, instance: c.var.scope.instance };
}

/** The token leaves the address bar before anything is shown, as that of a reset link does. */
async function hideToken(deps: Deps, assets: Assets, c: C): Promise<Response> {
  c.header("Referrer-Policy", "no-referrer");
  const { scope } = c.var;
  const token = tokenInAddress(c);
  try {
    const email = await readEmail(deps, c, token);
    setOwnCookie(c, scope.instance.origin, tokenCookie(email.id), token);
    return c.redirect(`${ANSWER_ADDRESS}?mail=${email.id}`, 303);
  } catch (error) {
    return noAnswer(assets, c, error);
  }
}

async function askForAnswer(
  deps: Deps,
  assets: Assets,
  c: C,
  of: { mailId: string; note?: string; faults?: readonly FieldFault[] },
): Promise<Response> {
  const { mailId, note = "", faults = [] } = of;
  try {
    const { data } = await readEmail(deps, c, readAnswerToken(c, mailId));
    const page = { assets, instance: c.var.scope.instance, mailId, number: Number(data.number), note, faults };
    return c.html(<AnswerPage {...page} />, faults.length > 0 ? 422 : 200);
  } catch (error) {
    return noAnswer(assets, c, error);
  }
}

async function answer(deps: Deps, assets: Assets, c: C): Promise<Response> {
  const form = await readForm(c, ["mail", "answer", "text"]);
  const { scope } = c.var;
  const said = form.answer === "in" ? "in" : "out";
  try {
    await answerTicket(deps, scope, { token: readAnswerToken(c, form.mail), answer: said, note: form.text });
    dropOwnCookie(c, scope.instance.origin, tokenCookie(form.mail).name);
    return c.html(<AnsweredPage assets={assets} instance={scope.instance} answer={said} />);
  } catch (error) {
    if (!(error instanceof RekeyError && error.status === 422)) return noAnswer(assets, c, error);
    return askForAnswer(deps, assets, c, { mailId: form.mail, note: form.text, faults: fieldFaultsOf(error) });
  }
}

function readEmail(deps: Deps, { var: { scope } }: C, token: string) {
  return countingGuesses(deps, scope, () =>
    deps.db.inInstance(scope.instance.id, (tx) => getAnsweredEmail(deps, tx, scope, token)),
  );
}

/** Refusals of a link have a page of their own; everything else is thrown on. */
function noAnswer(assets: Assets, c: C, error: unknown): Response | Promise<Response> {
  if (!(error instanceof RekeyError && error.code.startsWith("link_"))) throw error;
  const page = <NoAnswerPage assets={assets} instance={c.var.scope.instance} refusal={error} />;
  return c.html(page, error.status as 404 | 409 | 410);
}
