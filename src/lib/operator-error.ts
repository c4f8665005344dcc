/** The program cannot start or go on, for a reason that an operator can mend: printed as one sentence, without a stack trace. */
export class OperatorError extends Error {
  constructor(sentence: string, cause?: unknown) {
    super(sentence, cause === undefined ? undefined : { cause });
    this.name = "OperatorError";
  }
}
