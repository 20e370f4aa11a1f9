import { UserError } from "../base/index.ts";

/**
 * A failure to start. A generated file is run by Node itself, with no command of ours around it that would print the
 * message: Node prints the stack of what was thrown, so here that is the message and the hint.
 */
export class PlainError extends UserError {
  constructor(code: string, message: string, hint: string, options?: ErrorOptions) {
    super(code, message, hint, options);
    this.stack = `${message}\n${hint}`;
  }
}
