/** The enhanced status of a mail (RFC 3463): class, subject and detail, such as `5.1.1`. */
const ENHANCED_STATUS = /(?<![\d.])([245])\.(\d{1,3})\.(\d{1,3})(?![\d.])/;

/** @returns the enhanced status that a server's answer or report names, or undefined. */
function findStatus(answer: string): string | undefined {
  return ENHANCED_STATUS.exec(answer)?.[0];
}

/** No such mailbox, no such domain, a domain that takes no mail, a mailbox that was closed (RFC 3463, RFC 7505). */
const ADDRESS_STATUS = /^5\.(?:1\.(?:1|2|3|6|10)|2\.1|4\.4)$/;
const ADDRESS_WORDS =
  /\b(?:no such (?:user|recipient|mailbox|address)|(?:user|recipient|mailbox|address|account)[^.;]{0,40}(?:unknown|not found|does(?: not|n't) exist|disabled|invalid)|unknown (?:user|recipient|mailbox|address)|invalid (?:recipient|mailbox|address))\b/i;

/** @returns whether a final answer says that nothing will ever reach the address, rather than that this mail was unwelcome. */
export function isAddressAtFault(answer: string): boolean {
  const status = findStatus(answer);
  if (status && !status.endsWith(".0.0")) return ADDRESS_STATUS.test(status);
  return /^5(?:5[013]|\.0\.0)\b/.test(answer) && ADDRESS_WORDS.test(answer);
}

export interface AnswerWords {
  /** What happened, for who knows nothing of mail servers. */
  readonly what: string;
  /** What to do about it; empty where nothing is to be done. */
  readonly advice: string;
}

const CORRECT = "Correct the address and send again.";
const OPERATOR = "Nothing is wrong with the address: show this to the operator, who finds more under Settings > Mail.";
const OTHER_WAY = "Reach the person another way, such as by telephone with a temporary password, or try again later.";
const BY_ITSELF = "It is tried again by itself.";

/** By status without its class, the more particular first (RFC 3463, section 3; RFC 7505; RFC 7372). */
const WORDS: readonly (readonly [RegExp, AnswerWords])[] = [
  [/^1\.(?:1|6)$/, { what: "There is no such mailbox.", advice: CORRECT }],
  [/^(?:1\.(?:2|10)|4\.4)$/, { what: "The domain of the address takes no mail.", advice: CORRECT }],
  [/^1\.3$/, { what: "The address is not written as an address.", advice: CORRECT }],
  [/^1\.(?:7|8)$/, { what: "The server does not accept our sender.", advice: OPERATOR }],
  [/^2\.1$/, { what: "The mailbox is closed.", advice: CORRECT }],
  [/^2\.2$/, { what: "The mailbox is full.", advice: OTHER_WAY }],
  [/^3\.5$/, { what: "The mail server is not set up rightly.", advice: OPERATOR }],
  [/^(?:3\.|4\.[1237])/, { what: "The server of the address did not answer in time.", advice: OTHER_WAY }],
  [
    /^7\.(?:20|2[1-9]|30)$/,
    { what: "The server of the address does not believe our signature or sender.", advice: OPERATOR },
  ],
  [/^7\./, { what: "The server of the address turned the mail away as unwelcome.", advice: OPERATOR }],
];

const GREYLISTED: AnswerWords = {
  what: "The server of the address lets new senders wait a little (greylisting).",
  advice: BY_ITSELF,
};
const PUT_OFF: AnswerWords = { what: "The mail server put it off.", advice: BY_ITSELF };
const UNREACHED: AnswerWords = { what: "The mail server cannot be reached.", advice: BY_ITSELF };
const REFUSED: AnswerWords = { what: "The mail server refused it.", advice: OTHER_WAY };

/** @returns in plain words why a mail was put off, and that it is tried again. */
export function deferralWords(answer: string): AnswerWords {
  if (/gr[ea]y-?list|new sender/i.test(answer)) return GREYLISTED;
  if (!/^[245]\d\d\b/.test(answer)) return UNREACHED;
  const words = wordsOf(findStatus(answer));
  if (!words) return PUT_OFF;
  return { ...words, advice: words.advice === OPERATOR ? `${OPERATOR} ${BY_ITSELF}` : BY_ITSELF };
}

/** @returns in plain words why a mail was refused or came back, and what to do about it. */
export function refusalWords(answer: string): AnswerWords {
  if (isAddressAtFault(answer) && !findStatus(answer)) return wordsOf("5.1.1") ?? REFUSED;
  return wordsOf(findStatus(answer)) ?? REFUSED;
}

function wordsOf(status: string | undefined): AnswerWords | undefined {
  const subject = status?.slice(2);
  return subject === undefined ? undefined : WORDS.find(([pattern]) => pattern.test(subject))?.[1];
}
