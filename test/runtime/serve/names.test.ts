import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { namesOf, toolWish } from "../../../src/runtime/serve/names.ts";

describe("names in one list", () => {
  it("are connector__tool, hyphens as underscores", () => {
    expect(namesOf([toolWish("open-meteo", "get_forecast")])).toEqual(["open_meteo__get_forecast"]);
  });

  it("are cut where they are longer than clients can bear, and say which tool they are by a hash", () => {
    const long = "a_name_that_goes_on_and_on_and_on_and_on";
    const [one = "", other = ""] = namesOf([
      toolWish("shopify", `${long}_x`),
      toolWish("shopify", `${long}_y`),
    ]);
    expect(one).toMatch(/^shopify__a_name_that_goes_on_and_on_[0-9a-f]{8}$/);
    expect(other).not.toBe(one);
  });

  it("keep apart what would come to one name", () => {
    const [plain, hashed] = namesOf([
      { name: "order_read_all", of: "order.read_all" },
      { name: "order_read_all", of: "order_read.all" },
    ]);
    expect(plain).toBe("order_read_all");
    expect(hashed).toMatch(/^order_read_all_[0-9a-f]{8}$/);
  });

  it("are unlike, at most 44 characters of a-z, 0-9 and underscores, whatever the connectors are", () => {
    const slug = fc.stringMatching(/^[a-z][a-z0-9]{0,20}(-[a-z0-9]{1,10}){0,3}$/);
    const tool = fc.stringMatching(/^[a-z][a-z0-9_]{0,43}$/);
    const pairs = fc.uniqueArray(fc.tuple(slug, tool), { selector: (pair) => pair.join("/"), maxLength: 30 });
    fc.assert(
      fc.property(pairs, (all) => {
        const names = namesOf(all.map(([connector, name]) => toolWish(connector, name)));
        expect(new Set(names).size).toBe(all.length);
        for (const name of names) expect(name).toMatch(/^[a-z][a-z0-9_]{0,43}$/);
      }),
    );
  });
});
