import { randomUUID } from "node:crypto";
import type { Json } from "../../../base/index.ts";
import type { Manifest } from "../../../manifest/index.ts";
import type { Connection } from "../../seams.ts";
import { failure } from "../failure.ts";

/**
 * The secrets that `auth: keys` names, for one call. The function gets a random text for each, and that text is replaced
 * by the value where a request is sent: the value itself never reaches the connector's process.
 */
export class HandlerSecrets {
  /** What the function gets, by the secret's name. */
  readonly marks: Readonly<Record<string, string>>;
  readonly #values: ReadonlyMap<string, string>;

  private constructor(values: ReadonlyMap<string, string>, marks: Readonly<Record<string, string>>) {
    this.#values = values;
    this.marks = marks;
  }

  /** @throws ToolFailure `auth.missing` when the account lacks one that is not optional */
  static async of({ auth }: Manifest, connection: Connection): Promise<HandlerSecrets> {
    const values = new Map<string, string>();
    const marks: Record<string, string> = {};
    for (const { name, optional } of auth.type === "keys" ? auth.keys : []) {
      const value = await connection.secret(name);
      if (value === null) {
        if (optional) continue;
        const hint = `Store it with \`sentinel vault set ${connection.connector} ${name}\`.`;
        throw failure("auth.missing", `The account ${connection.account} has no ${name} in the vault.`, {
          hint,
        });
      }
      const mark = `secret-${randomUUID()}`;
      marks[name] = mark;
      values.set(mark, value);
    }
    return new HandlerSecrets(values, marks);
  }

  get values(): string[] {
    return [...this.#values.values()];
  }

  has(text: string): boolean {
    return [...this.#values.keys()].some((mark) => text.includes(mark));
  }

  fill(text: string): string {
    let filled = text;
    for (const [mark, value] of this.#values) filled = filled.replaceAll(mark, () => value);
    return filled;
  }

  /** The same in every text within a value. */
  fillAll(value: Json): Json {
    if (typeof value === "string") return this.fill(value);
    if (Array.isArray(value)) return value.map((item) => this.fillAll(item));
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, this.fillAll(item)]));
  }
}
