import { describe, expect, it } from "vitest";
import { replaceParameters, type SqlDialect } from "../../src/base/index.ts";

const bound = (query: string, dialect: SqlDialect): string =>
  replaceParameters(query, dialect, (name) => `<${name}>`);

describe("parameters of a query", () => {
  it.each([
    [":a, ':b' \":c\" --:d\n:e /* :f */ x::text", "<a>, ':b' \":c\" --:d\n<e> /* :f */ x::text"],
    ["'it''s :a' :b", "'it''s :a' <b>"],
    ["'no end :a", "'no end :a"],
    ["/* no end :a", "/* no end :a"],
    ["name' :a' :b", "name' :a' <b>"],
  ])("stand in the code of %s", (query, result) => {
    expect(bound(query, "local_path")).toBe(result);
    expect(bound(query, "postgres")).toBe(result);
  });

  it.each([
    ["[:a] `:b` :c", "[:a] `:b` <c>"],
    ["/* /* :a */ :b", "/* /* :a */ <b>"],
    ["/* a /*/ :b", "/* a /*/ <b>"],
    ["e'\\' :a", "e'\\' <a>"],
    ["$$ :a", "$$ <a>"],
    ["-- \r:a", "-- \r:a"],
  ])("stand in SQLite's code of %s", (query, result) => {
    expect(bound(query, "local_path")).toBe(result);
  });

  it.each([
    ["array[:a, :b]", "array[<a>, <b>]"],
    ["x[1:2] x[a:b] x[f(a):b] x[:a]", "x[1:2] x[a:b] x[f(a):b] x[<a>]"],
    ["x[1: :b] x[ :a::int] limit:b", "x[1: <b>] x[ <a>::int] limit<b>"],
    ["x[y[1]:b] (array[1])[:a]", "x[y[1]:b] (array[1])[<a>]"],
    ["/* /* :a */ :b */ :c", "/* /* :a */ :b */ <c>"],
    ["e'\\' :a' E'\\\\' :b", "e'\\' :a' E'\\\\' <b>"],
    ["nice'\\' :a", "nice'\\' <a>"],
    ["$$ :a $$ $t$ :b $T$ :c $t$ :d", "$$ :a $$ $t$ :b $T$ :c $t$ <d>"],
    ["a$b$ :c $b$", "a$b$ <c> $b$"],
    ["-- \r:a", "-- \r<a>"],
    ["`:a`", "`<a>`"],
  ])("stand in PostgreSQL's code of %s", (query, result) => {
    expect(bound(query, "postgres")).toBe(result);
  });

  it.each(["local_path", "postgres"] as const)(
    "are found in time that grows with the query on %s",
    (dialect) => {
      const tags = Array.from({ length: 100_000 }, (_, index) => `$t${index}$ ' " \` [`).join("");
      const texts = `'${"x".repeat(1_000_000)}'`;
      const begun = performance.now();
      expect(bound(`${texts} :a ${tags}`, dialect)).toBe(`${texts} <a> ${tags}`);
      expect(performance.now() - begun).toBeLessThan(2000);
    },
  );
});
