import { describe, expect, it } from "vitest";
import { RegistryRefusal, UserError } from "../../src/base/index.ts";
import { selfMigrating } from "../../src/cli/wire.ts";
import type { Driver } from "../../src/registry/index.ts";

/** A database without tables, and a login that may or may not make them. */
class Empty implements Driver {
  readonly kind = "postgres";
  readonly location = "postgres://ci@db/registry";
  readonly #allowed: boolean;
  migrations = 0;
  constructor(allowed: boolean) {
    this.#allowed = allowed;
  }
  async call(fn: string): Promise<string> {
    if (this.migrations === 0) throw new UserError("registry.not_migrated", "No registry.", "Migrate.");
    return fn;
  }
  async migrate() {
    if (!this.#allowed) throw new RegistryRefusal("registry.forbidden", "No.", "Ask.");
    this.migrations += 1;
    return { applied: ["one"], total: 1 };
  }
  async close(): Promise<void> {}
}

const machine = { face: "machine" } as const;

describe("a database that is empty", () => {
  it("is set up once, by the first call that finds it so, and the calls are answered", async () => {
    const empty = new Empty(true);
    const driver = selfMigrating(empty);
    expect(empty.migrations).toBe(0);
    expect(await Promise.all(["a", "b"].map((fn) => driver.call(fn, {}, machine)))).toEqual(["a", "b"]);
    expect(empty.migrations).toBe(1);
  });

  it("is somebody else's to set up where the login may not: the message says what to run", async () => {
    const refused = selfMigrating(new Empty(false)).call("a", {}, machine);
    await expect(refused).rejects.toMatchObject({
      code: "registry.not_migrated",
      message: expect.stringContaining("postgres://ci@db/registry"),
      hint: expect.stringContaining("sentinel migrate"),
    });
  });
});
