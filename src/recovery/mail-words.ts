import type { Language } from "#lib/language.ts";

/** Whose instance a mail is from, and a moment in words. */
interface Asked {
  readonly instance: string;
  readonly when: string;
}

/** Who asked for a link, and when. */
export interface AskedWords {
  readonly askedBy: (of: Asked & { by: string }) => string;
  readonly askedByOperator: (of: Asked) => string;
  readonly askedBySomebody: (of: Asked) => string;
}

/** What the mails about a way in say, in one language. */
export interface MailWords {
  readonly hello: (firstName: string) => string;
  readonly userName: string;
  readonly signIn: string;
  readonly notMe: string;
  /** What saying so does. */
  readonly ifNotYou: string;
  readonly invitation: AskedWords & {
    readonly subject: (instance: string) => string;
    readonly heading: (instance: string) => string;
    readonly why: (of: { instance: string; asked: string }) => string;
    readonly action: string;
    readonly ifNot: string;
  };
  readonly link: AskedWords & {
    readonly subject: (instance: string) => string;
    readonly heading: string;
    readonly mustReset: string;
    readonly action: string;
    readonly ifNot: string;
    readonly ifNotAndMustReset: string;
  };
  readonly ends: (when: string) => string;
  readonly neverAsked: (instance: string) => string;
  readonly changed: {
    readonly subject: (instance: string) => string;
    readonly heading: string;
    readonly what: (of: Asked & { username: string }) => string;
    readonly byAdministrator: (by: string) => string;
    readonly byOneself: string;
    readonly byLink: string;
    readonly byCopiedLink: (by: string) => string;
  };
  readonly disowned: {
    readonly subject: (name: string) => string;
    readonly heading: string;
    readonly what: (of: Asked & { name: string }) => string;
    readonly advice: string;
    readonly account: string;
    readonly action: string;
  };
}

/** A language is added here, and its name in `lib/language.ts`. */
export const MAIL_WORDS: Readonly<Record<Language, MailWords>> = {
  en: {
    hello: (firstName) => `Hello ${firstName},`,
    userName: "Your user name",
    signIn: "Sign in",
    notMe: "This was not me",
    ifNotYou:
      "If this was not you, say so at once: it ends all sessions, freezes the account and tells your administrators.",
    invitation: {
      subject: (instance) => `Your account at ${instance}`,
      heading: (instance) => `Welcome to ${instance}`,
      why: ({ instance, asked }) =>
        `An account at ${instance} was made for you. ${asked} Set a password and you are in.`,
      askedBy: ({ by, when }) => `${by} invited you on ${when}.`,
      askedByOperator: ({ instance, when }) => `The operator of ${instance} invited you on ${when}.`,
      askedBySomebody: ({ instance, when }) =>
        `Somebody asked for this link on ${when} on the sign-in page of ${instance}.`,
      action: "Set your password",
      ifNot: "If you do not know what this is, you can ignore this mail.",
    },
    link: {
      subject: (instance) => `Set a new password for ${instance}`,
      heading: "Set a new password",
      askedBy: ({ by, instance, when }) => `${by} of ${instance} asked on ${when} that you be sent this link.`,
      askedByOperator: ({ instance, when }) =>
        `The operator of ${instance} asked on ${when} that you be sent this link.`,
      askedBySomebody: ({ instance, when }) =>
        `Somebody asked on ${when} on the sign-in page of ${instance} for a link to set a new password for your account.`,
      mustReset: "Your old password no longer works and you are signed out everywhere; set a new one to get in again.",
      action: "Set a new password",
      ifNot: "If you did not expect this, you can ignore this mail: your password stays as it is.",
      ifNotAndMustReset: "If you did not expect this, ask your administrator why a new password is required.",
    },
    ends: (when) => `The link works until ${when}, and once.`,
    neverAsked: (instance) => `${instance} will never ask you for your password, by mail or by telephone.`,
    changed: {
      subject: (instance) => `Your password for ${instance} was changed`,
      heading: "Your password was changed",
      what: ({ username, instance, when }) =>
        `The password of your account ${username} at ${instance} was changed on ${when}`,
      byAdministrator: (by) =>
        ` by ${by}, who hands you a temporary one. All your sessions were ended; after signing in with it you choose a password of your own.`,
      byOneself: " in your account. All your other sessions were ended.",
      byLink: " with the link that was mailed to you. All sessions were ended; sign in again with the new password.",
      byCopiedLink: (by) =>
        ` with your reset link, of which ${by} had a copy. All sessions were ended; sign in again with the new password.`,
    },
    disowned: {
      subject: (name) => `“This was not me”: ${name}`,
      heading: "Somebody disowns a change",
      what: ({ name, instance, when }) =>
        `${name} says that a change of their account at ${instance} was not theirs (${when}). All their sessions were ended, the password is refused, every link to them is dead, and the account is frozen: no link or password can be made for it.`,
      advice:
        "Look into the record of the account. Make sure of who is asking, then thaw the account on its profile, under More, and send a fresh link.",
      account: "The account",
      action: "Look at the account",
    },
  },
  es: {
    hello: (firstName) => `Hola, ${firstName}:`,
    userName: "Su nombre de usuario",
    signIn: "Iniciar sesión",
    notMe: "No fui yo",
    ifNotYou:
      "Si no fue usted, díganoslo enseguida: se cierran todas las sesiones, la cuenta queda congelada y se avisa a los administradores.",
    invitation: {
      subject: (instance) => `Su cuenta en ${instance}`,
      heading: (instance) => `Bienvenido a ${instance}`,
      why: ({ instance, asked }) =>
        `Se ha creado una cuenta para usted en ${instance}. ${asked} Elija una contraseña y podrá entrar.`,
      askedBy: ({ by, when }) => `${by} le invitó el ${when}.`,
      askedByOperator: ({ instance, when }) => `El operador de ${instance} le invitó el ${when}.`,
      askedBySomebody: ({ instance, when }) =>
        `Alguien pidió este enlace el ${when} en la página de inicio de sesión de ${instance}.`,
      action: "Elegir su contraseña",
      ifNot: "Si no sabe de qué se trata, puede ignorar este mensaje.",
    },
    link: {
      subject: (instance) => `Elija una contraseña nueva para ${instance}`,
      heading: "Elija una contraseña nueva",
      askedBy: ({ by, instance, when }) => `${by}, de ${instance}, pidió el ${when} que se le enviara este enlace.`,
      askedByOperator: ({ instance, when }) =>
        `El operador de ${instance} pidió el ${when} que se le enviara este enlace.`,
      askedBySomebody: ({ instance, when }) =>
        `Alguien pidió el ${when}, en la página de inicio de sesión de ${instance}, un enlace para cambiar la contraseña de su cuenta.`,
      mustReset:
        "Su contraseña anterior ya no vale y se han cerrado todas sus sesiones; elija una nueva para volver a entrar.",
      action: "Elegir una contraseña nueva",
      ifNot: "Si no esperaba este mensaje, puede ignorarlo: su contraseña sigue siendo la misma.",
      ifNotAndMustReset:
        "Si no esperaba este mensaje, pregunte a su administrador por qué hace falta una contraseña nueva.",
    },
    ends: (when) => `El enlace vale hasta el ${when}, y una sola vez.`,
    neverAsked: (instance) => `${instance} nunca le pedirá su contraseña, ni por correo ni por teléfono.`,
    changed: {
      subject: (instance) => `Se ha cambiado su contraseña de ${instance}`,
      heading: "Se ha cambiado su contraseña",
      what: ({ username, instance, when }) =>
        `La contraseña de su cuenta ${username} en ${instance} se cambió el ${when}`,
      byAdministrator: (by) =>
        ` por ${by}, que le entrega una provisional. Se han cerrado todas sus sesiones; al entrar con ella elegirá una contraseña propia.`,
      byOneself: " en su cuenta. Se han cerrado todas sus demás sesiones.",
      byLink:
        " con el enlace que se le envió. Se han cerrado todas las sesiones; vuelva a entrar con la contraseña nueva.",
      byCopiedLink: (by) =>
        ` con su enlace, del que ${by} tenía una copia. Se han cerrado todas las sesiones; vuelva a entrar con la contraseña nueva.`,
    },
    disowned: {
      subject: (name) => `«No fui yo»: ${name}`,
      heading: "Alguien no reconoce un cambio",
      what: ({ name, instance, when }) =>
        `${name} dice que un cambio en su cuenta de ${instance} no fue suyo (${when}). Se han cerrado todas sus sesiones, la contraseña no vale, ningún enlace suyo funciona y la cuenta está congelada: no se le puede dar enlace ni contraseña.`,
      advice:
        "Revise el registro de la cuenta. Asegúrese de quién pide entrar, descongele la cuenta en su perfil, en More, y envíe un enlace nuevo.",
      account: "La cuenta",
      action: "Ver la cuenta",
    },
  },
};
