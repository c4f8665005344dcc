import type { Language } from "#lib/language.ts";

interface Request {
  readonly number: number;
  readonly instance: string;
}

interface Sent {
  readonly by: string;
  readonly address: string;
}

/** What a reply to the requester of a ticket says, in one language. */
interface ReplyWords {
  readonly hello: (name: string) => string;
  readonly subject: (of: Request) => string;
  readonly linkSent: (of: Sent & { when: string }) => string;
  /** To somebody who may not be whose account it is: nothing about the account but that. */
  readonly linkSentElsewhere: (of: Sent) => string;
  readonly lookInSpam: (subject: string) => string;
  readonly says: (by: string) => string;
  readonly answer: string;
  readonly please: string;
  readonly why: (of: Request) => string;
}

/** A language is added here, and its name in `lib/language.ts`. */
export const REPLY_WORDS: Readonly<Record<Language, ReplyWords>> = {
  en: {
    hello: (name) => `Hello ${name},`,
    subject: ({ number, instance }) => `Your request ${number} to the administrators of ${instance}`,
    linkSent: ({ by, address, when }) =>
      `${by} has had a link mailed to ${address}, with which you set a new password. It works until ${when}, and once.`,
    linkSentElsewhere: ({ by, address }) => `${by} has had a link mailed to the address on file (${address}).`,
    lookInSpam: (subject) =>
      `If it is not there within a few minutes, look into Spam or Junk for a mail called “${subject}”.`,
    says: (by) => `${by} writes:`,
    answer: "Say whether you are in",
    please: "Please say whether you can sign in again. It takes one click, and no password.",
    why: ({ number, instance }) =>
      `You get this mail because somebody gave this address to the administrators of ${instance} in request ${number}. ${instance} will never ask you for your password, by mail or by telephone.`,
  },
  es: {
    hello: (name) => `Hola, ${name}:`,
    subject: ({ number, instance }) => `Su solicitud ${number} a los administradores de ${instance}`,
    linkSent: ({ by, address, when }) =>
      `${by} ha hecho enviar a ${address} un enlace con el que usted elige una contraseña nueva. Vale hasta el ${when}, y una sola vez.`,
    linkSentElsewhere: ({ by, address }) => `${by} ha hecho enviar un enlace a la dirección registrada (${address}).`,
    lookInSpam: (subject) =>
      `Si no llega en unos minutos, busque en Spam o Correo no deseado un mensaje titulado «${subject}».`,
    says: (by) => `${by} escribe:`,
    answer: "Decir si ya ha podido entrar",
    please: "Díganos si ya puede iniciar sesión. Basta un clic, sin contraseña.",
    why: ({ number, instance }) =>
      `Recibe este mensaje porque alguien dio esta dirección a los administradores de ${instance} en la solicitud ${number}. ${instance} nunca le pedirá su contraseña, ni por correo ni por teléfono.`,
  },
};
