import { raw } from "hono/html";
import type { Child } from "hono/jsx";
import type { JSX } from "hono/jsx/jsx-runtime";

import type { Language } from "#lib/language.ts";
import { accentHex } from "./accent-colour.ts";
import { initialsOf } from "./initials.tsx";

export interface MailLayoutProps {
  readonly language: Language;
  /** The hue in degrees, as in oklch. */
  readonly instance: { readonly name: string; readonly hue: number };
  readonly heading: string;
  /** What a mailbox shows beside the subject. */
  readonly preview?: string | undefined;
  /** Paragraphs: `MailText`. */
  readonly children: Child;
  /** The one thing to do. Its plain address is printed beneath it, for whoever cannot or will not click. */
  readonly button?: { readonly label: string; readonly href: string } | undefined;
  /** What follows the button: when the link ends, what to do if it was not you. */
  readonly afterButton?: Child;
  readonly smallPrint?: Child;
}

const COPY_ADDRESS: Readonly<Record<Language, string>> = {
  en: "Or copy this address into your browser:",
  es: "O copie esta dirección en su navegador:",
};

const FONT = "font-family:system-ui,-apple-system,'Segoe UI',Roboto,Helvetica,Arial,sans-serif";

/** Mail programs that know colour schemes get dark colours; the others keep the inline ones. */
const DARK_SHEET = `@media (prefers-color-scheme:dark){
.mail-ground{background:#1b1917!important}
.mail-sheet{background:#262321!important;border-right-color:#3c3835!important;border-bottom-color:#3c3835!important;border-left-color:#3c3835!important}
.mail-strong{color:#f5f2ee!important}
.mail-text{color:#dcd7d1!important}
.mail-quiet{color:#b3ada6!important}
.mail-line{border-color:#3c3835!important}
}`;

interface NotMeProps {
  readonly ifNot: string;
  readonly label: string;
  readonly href: string;
}

/** Under what a mail tells was done: how to say that it was not you. Its plain address is printed beneath it. */
export function NotMe({ ifNot, label, href }: NotMeProps): JSX.Element {
  return (
    <>
      <MailText>
        {ifNot}{" "}
        <a class="mail-strong" href={href} style="color:#231f1c">
          {label}
        </a>
      </MailText>
      <SmallPrint>{href}</SmallPrint>
    </>
  );
}

/** The whole HTML of a mail in the instance's colour and name. It loads nothing from anywhere. */
export function MailLayout(props: MailLayoutProps): JSX.Element {
  const { instance, language, heading, preview, children, button, afterButton, smallPrint } = props;
  const accent = accentHex(instance.hue);
  return (
    <>
      {raw("<!doctype html>")}
      <html lang={language}>
        <head>
          <meta charset="utf-8" />
          <meta name="viewport" content="width=device-width, initial-scale=1" />
          <meta name="color-scheme" content="light dark" />
          <meta name="supported-color-schemes" content="light dark" />
          <title>{heading}</title>
          <style>{raw(DARK_SHEET)}</style>
        </head>
        <body class="mail-ground" style={`margin:0;padding:0;background:#f5f3f0;${FONT}`}>
          {preview && <Preview text={preview} />}
          <main class="mail-ground" style="background:#f5f3f0;padding:24px 12px">
            <div class="mail-sheet" style={`${SHEET};border-top:3px solid ${accent}`}>
              <Sender name={instance.name} accent={accent} />
              <h1
                class="mail-strong"
                style="margin:0 0 16px;font-size:22px;line-height:28px;font-weight:600;color:#231f1c"
              >
                {heading}
              </h1>
              {children}
              {button && <Action {...button} language={language} accent={accent} />}
              {afterButton}
              {smallPrint && <SmallPrint>{smallPrint}</SmallPrint>}
            </div>
          </main>
        </body>
      </html>
    </>
  );
}

const SHEET =
  "max-width:600px;margin:0 auto;box-sizing:border-box;padding:28px 32px 32px;background:#ffffff;border:1px solid #e4dfd9;border-radius:10px";

/** One paragraph of a mail. */
export function MailText({ children }: { readonly children: Child }): JSX.Element {
  return (
    <p class="mail-text" style="margin:0 0 16px;font-size:16px;line-height:24px;color:#3d3834">
      {children}
    </p>
  );
}

/** A fact that stands out, such as the user name for whoever forgot that too. */
export function MailFact({ label, value }: { readonly label: string; readonly value: string }): JSX.Element {
  return (
    <p class="mail-line" style="margin:0 0 16px;padding:2px 0 2px 12px;border-left:3px solid #e4dfd9">
      <span class="mail-quiet" style="display:block;font-size:13px;line-height:18px;color:#68615a">
        {label}
      </span>
      <strong class="mail-strong" style="font-size:16px;line-height:24px;font-weight:600;color:#231f1c">
        {value}
      </strong>
    </p>
  );
}

/** Invisible in the mail itself: mailboxes take their line of preview from the first text they find. */
function Preview({ text }: { readonly text: string }): JSX.Element {
  return <div style="display:none;max-height:0;overflow:hidden;mso-hide:all">{text}</div>;
}

function Sender({ name, accent }: { readonly name: string; readonly accent: string }): JSX.Element {
  return (
    <p style="margin:0 0 24px;font-size:16px;line-height:32px">
      <span
        aria-hidden="true"
        style={`display:inline-block;width:32px;height:32px;margin-right:10px;border-radius:8px;background:${accent};color:#ffffff;font-size:13px;font-weight:600;text-align:center;vertical-align:middle`}
      >
        {initialsOf(name)}
      </span>
      <strong class="mail-strong" style="font-weight:600;color:#231f1c;vertical-align:middle">
        {name}
      </strong>
    </p>
  );
}

interface ActionProps {
  readonly label: string;
  readonly href: string;
  readonly language: Language;
  readonly accent: string;
}

function Action({ label, href, language, accent }: ActionProps): JSX.Element {
  return (
    <>
      <p style="margin:24px 0 12px">
        <a
          href={href}
          style={`display:inline-block;padding:12px 24px;border-radius:6px;background:${accent};color:#ffffff;font-size:16px;line-height:24px;font-weight:600;text-decoration:none`}
        >
          {label}
        </a>
      </p>
      <p class="mail-quiet" style="margin:0 0 24px;font-size:13px;line-height:20px;color:#68615a">
        {COPY_ADDRESS[language]}
        <br />
        <a href={href} class="mail-text" style="color:#3d3834;word-break:break-all">
          {href}
        </a>
      </p>
    </>
  );
}

function SmallPrint({ children }: { readonly children: Child }): JSX.Element {
  return (
    <div
      class="mail-quiet mail-line"
      style="margin-top:24px;padding-top:16px;border-top:1px solid #e4dfd9;font-size:13px;line-height:20px;color:#68615a"
    >
      {children}
    </div>
  );
}
