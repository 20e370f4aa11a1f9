import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, it } from "vitest";
import { houseModule, isRunning, type Json } from "../../../src/base/index.ts";
import { evaluateHere } from "../../../src/runtime/execution/mapping/direct.ts";
import { Mapper } from "../../../src/runtime/execution/mapping/mapper.ts";
import { failureOf } from "./workbench.ts";

const mapper = new Mapper();
afterAll(() => mapper.close());

const value: Json = {
  items: [
    { id: 1, title: "One", user: { login: "a" }, labels: [{ name: "x" }, { name: "y" }], state: "open" },
    { id: 2, title: "Two", labels: [], state: "done" },
  ],
  total: "12",
};
const job = (mapping: Json, of: Json = value) => ({
  mapping,
  value: of,
  params: { p: [1, 2] },
  max: 100_000,
});

const PLAIN = [
  "total",
  'items.{"id": id, "by": user.login, "labels": [labels.name]}',
  '[items.{"done": state = "done", "n": 5 - id}]',
  'items[state = "open"].title',
  "items[0].id",
  "$number(total) + 1",
  '$exists(items[5]) ? "many" : "few"',
  "$count(items)",
  '"no. " & total',
  "$params.p",
  "items[-1].(id)".replace(/[()]/g, ""),
  '{"a": [items.id], "b": null}',
  "nothing.at.all",
  "items.id in [1]",
  '[$[$ != null].{"n": $count(items)}]',
  "[$map(items.labels[$ != null], function($v) {$v.name})[]]",
  "$filter(items, function($i) {$i.id > 1}).title",
];

describe("a mapping", () => {
  // A machine that has no time for us for 20 ms makes even these too slow.
  it.each(PLAIN)(
    "that is plain needs no other process, and has the same result: %s",
    { retry: 5 },
    async (mapping) => {
      const here = await evaluateHere(job(mapping));
      expect(here).not.toBeNull();
      // In brackets it is a block, which only a process of its own evaluates.
      const there = await mapper.map(job(`(${mapping})`), new AbortController().signal, "acme");
      expect(JSON.parse(here ?? "none")).toEqual(there);
    },
  );

  it.each([
    "[1..100]",
    "items.*",
    "**.id",
    "items^(id)",
    "$map(items, function($i) { $map })",
    "$map(items, $string)",
    "$map(items, function($i) { $i($i) })",
    "(function($f) { $f($f) })(function($f) { $f($f) })",
    "$map([1..3], function($i) { $i })",
    "$filter(items, function($i) { ($x := 1; true) })",
    "$reduce(items, function($a, $b) { $a })",
    "$sort(items.id)",
    "($a := 1; $a)",
    "$$.items",
    "items#$i.{'i': $i}",
    "items@$i.id",
    "items.%.total",
    "items{state: id}",
    "$eval('1')",
    "$match(total, /1/)",
    "$pad(total, 1000000)",
    "total ~> $string()",
    "|$|{}|",
    "x".repeat(3000),
    Array(20).fill("total").join("&"),
  ])("that could take long needs one: %s", async (mapping) => {
    expect(await evaluateHere(job(mapping))).toBeNull();
  });

  it("that takes long here is given to a process", async () => {
    const many: Json = {
      items: Array.from({ length: 30_000 }, (_, id) => ({ id, a: { b: { c: `${id}` } } })),
    };
    const mapping = 'items.{"id": id, "c": a.b.c, "d": a.b.c & "!", "e": id + 1}';
    const started = performance.now();
    const here = await evaluateHere({ ...job(mapping, many), max: 10_000_000 });
    expect(here).toBeNull();
    expect(performance.now() - started).toBeLessThan(5000);
    const whole = await mapper.map(
      { ...job(mapping, many), max: 10_000_000 },
      new AbortController().signal,
      "acme",
    );
    expect(whole).toHaveLength(30_000);
  }, 20_000);

  it.each<Json>([
    Array(10).fill("t").join("&"),
    { length: `$length($uppercase(${Array(10).fill("t").join("&")}))` },
    Object.fromEntries(Array.from({ length: 100 }, (_, index) => [`field${index}`, "t"])),
  ])("that makes much of a large text leaves this process alone: %s", async (mapping) => {
    const large = { ...job(mapping, { t: "x".repeat(10_000_000) }), max: 10_000_000 };
    const before = process.memoryUsage.rss();
    expect(await evaluateHere(large)).toBeNull();
    expect(process.memoryUsage.rss() - before).toBeLessThan(100_000_000);
  });

  it.each([
    "$pad('x', $params.n)",
    "$join($map([1..900], function($i) { $pad('x', 1000000) }))",
    "($twice := function($t, $n) { $n = 0 ? $t : $twice($t & $t, $n - 1) }; $length($uppercase($twice('xxxxxxxx', 26))))",
    "$split($pad('x', 50000000), '')",
  ])("that makes more than fits into memory is stopped, and nothing else: %s", async (mapping) => {
    const { signal } = new AbortController();
    const large = { ...job(mapping), params: { n: 500_000_000 } };
    const failure = await failureOf(mapper.map(large, signal, "acme"));
    expect(failure.code).toBe("mapping.limit");
    expect(await mapper.map(job("$sum([1..3])"), signal, "acme")).toBe(6);
  });

  it("is given up when nobody waits for it any more", async () => {
    const module = fileURLToPath(houseModule("runtime/execution/mapping/child"));
    // A process between, that starts the child, gives it a job without end, and dies.
    const between = `
      const { spawn } = require("node:child_process");
      const child = spawn(process.execPath, [${JSON.stringify(module)}], { stdio: ["ignore", "ignore", "ignore", "pipe", "pipe"] });
      const mapping = "$match(t, /^(x+x+)+$/)";
      const start = { mapping, value: { t: "x".repeat(60) + "y" }, params: {}, max: 1000 };
      child.stdio[3].write(JSON.stringify({ start }) + "\\n");
      process.stdout.write(String(child.pid));
      setTimeout(() => process.exit(), 1500);`;
    const { stdout } = spawnSync(process.execPath, ["-e", between]);
    const pid = Number(stdout.toString());
    await expect.poll(() => isRunning(pid), { timeout: 5000 }).toBe(false);
  });

  it("that fails says why", async () => {
    const failure = await failureOf(mapper.map(job("$sum(['a'])"), new AbortController().signal, "acme"));
    expect(failure.code).toBe("mapping.failed");
    expect(failure.message).toContain("The mapping does not fit the answer: ");
  });

  it("of one connector waits for no more than one of another that takes long", async () => {
    const own = new Mapper();
    const { signal } = new AbortController();
    const order: string[] = [];
    const map = (mapping: string, connector: string): Promise<unknown> =>
      own
        .map(job(mapping), signal, connector)
        .catch(() => null)
        .then(() => order.push(connector));
    const endless = "($f := function($n) { $f($n + 1) }; $f(0))";
    const all = [endless, endless, endless, endless].map((mapping) => map(mapping, "slow"));
    all.push(map("$sort(items.id)", "quick"));
    await Promise.all(all);
    expect(order.indexOf("quick")).toBeLessThanOrEqual(2);
    await own.close();
  }, 30_000);
});
