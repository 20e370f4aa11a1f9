import { existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { RegistryUnavailable } from "../../src/base/index.ts";
import { openPglite } from "../../src/registry/drivers/pglite.ts";
import type { Driver } from "../../src/registry/index.ts";
import { openChokidar } from "../../src/watch/events.ts";
import type { OpenEvents } from "../../src/watch/index.ts";
import { manifest, until, write } from "./helpers.ts";
import { FAST, newTree, registered, rescans, start, type Tree, whenReady } from "./running.ts";

const embedded = (tree: Tree): Driver => openPglite({ directory: tree.registryDirectory });

/** A driver over another one that is away, or hangs, for as long as a test says so. */
function fragile(inner: Driver) {
  const state = { away: false, gate: Promise.resolve() };
  const driver: Driver = {
    kind: "postgres",
    location: inner.location,
    call: async (fn, args, caller) => {
      await state.gate;
      if (state.away) throw new RegistryUnavailable("registry.unavailable", "The registry is away.", "Wait.");
      return inner.call(fn, args, caller);
    },
    migrate: () => inner.migrate(),
    close: async () => {},
  };
  onTestFinished(() => inner.close());
  return { driver, state };
}

const passes = (metrics: string): number =>
  Number(/^sentinel_reconcile_duration_seconds_count (\d+)/m.exec(metrics)?.[1]);
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

describe("watch", () => {
  it("registers what stands there, what is saved, and what goes, and rests in between", async () => {
    const tree = newTree("alpha", "beta", "gamma", "delta", "epsilon", "zeta");
    const daemon = start(tree, embedded(tree));
    await whenReady(daemon);
    expect(await daemon.isRegistered("alpha", "beta")).toBe(true);

    tree.save("shopify");
    await until("the new folder", () => daemon.isRegistered("shopify"));
    await until("its server", () => existsSync(join(tree.connectors, "shopify", "mcp.ts")));
    const before = (await daemon.registry.machine.fingerprints("default")).state;
    tree.save("shopify", "Another name");
    await until(
      "the save",
      async () => (await daemon.registry.machine.fingerprints("default")).state !== before,
    );

    // Our own writes are events too; they must come to rest.
    await pause(1500);
    const resting = passes(await daemon.metrics());
    await pause(1500);
    expect(passes(await daemon.metrics())).toBe(resting);

    rmSync(join(tree.connectors, "shopify"), { recursive: true });
    await until("the removal", async () => !(await daemon.isRegistered("shopify")));
    await daemon.stop();
    expect((await registered(tree)).get("shopify")?.status).toBe("archived");
  });

  it("does a save in one pass, and looks after its own writing when there is nothing else to do", async () => {
    const tree = newTree("alpha");
    const daemon = start(tree, embedded(tree));
    await whenReady(daemon);
    const before = passes(await daemon.metrics());
    for (let at = 1; at <= 5; at += 1) {
      tree.save("alpha", `Name ${at}`);
      await until(
        "registered",
        () => daemon.logger.lines.filter(({ fields }) => fields.updated === 1).length === at,
      );
      await pause(200);
    }
    expect(passes(await daemon.metrics()) - before).toBe(5);
    await until("a last look", async () => passes(await daemon.metrics()) - before === 6);
    await pause(1500);
    expect(passes(await daemon.metrics()) - before).toBe(6);
  });

  it("makes a generated file again that was changed by hand or deleted", async () => {
    const tree = newTree("alpha");
    const daemon = start(tree, embedded(tree));
    await whenReady(daemon);
    const path = join(tree.connectors, "alpha", "mcp.ts");
    const generated = readFileSync(path, "utf8");
    rmSync(path);
    await until("it is back", () => existsSync(path) && readFileSync(path, "utf8") === generated);
    write(path, generated.replace("alpha", "omega"));
    await until("it is mended", () => readFileSync(path, "utf8") === generated);
  });

  it("says what is wrong once, keeps neighbours going, and says when it is mended", async () => {
    const tree = newTree("alpha");
    const daemon = start(tree, embedded(tree));
    await whenReady(daemon);
    write(join(tree.connectors, "broken", "manifest.yaml"), 'provider_slug: "broken"\nscopes: 7\n');
    const findings = () =>
      daemon.logger.lines.filter(({ level, fields }) => level === "error" && fields.slug === "broken");
    await until("findings", () => findings().length > 0);
    const said = findings().length;
    tree.save("neighbour");
    await until("the neighbour", () => daemon.isRegistered("neighbour"));
    write(join(tree.connectors, "broken", "README.md"), "still broken");
    await pause(300);
    expect(findings().length).toBe(said);
    expect((await daemon.ready()).body.invalid).toBe(1);

    tree.save("broken");
    await until("mended", () => daemon.isRegistered("broken"));
    await until("said so", () => daemon.logger.messages().includes("fine again"));
  });

  it("looks again at what is broken when a folder goes that may have been the reason", async () => {
    const tree = newTree("alpha", "two-names", "two_names");
    const daemon = start(tree, embedded(tree));
    await whenReady(daemon);
    expect(await daemon.isRegistered("two-names")).toBe(false);
    rmSync(join(tree.connectors, "two_names"), { recursive: true });
    await until("the other one is registered", () => daemon.isRegistered("two-names"));
  });

  it("keeps what changed during an outage, says why it is not ready, and registers all of it afterwards", async () => {
    const tree = newTree("alpha", "beta");
    const { driver, state } = fragile(embedded(tree));
    const daemon = start(tree, driver);
    await whenReady(daemon);
    state.away = true;
    for (let at = 0; at < 30; at += 1) tree.save(`during${at}`);
    tree.save("alpha", "Changed meanwhile");
    write(join(tree.connectors, "broken", "manifest.yaml"), "scopes: 7\n");
    await until("not ready", async () => (await daemon.ready()).status === 503);
    expect((await daemon.ready()).body).toMatchObject({
      reasons: [expect.stringMatching(/^The registry is away\. \(since 20\d\d-.*Z\)$/)],
      trouble: { kind: "registry" },
    });
    await until("what is wrong is said all the same", () =>
      daemon.logger.lines.some(({ level, fields }) => level === "error" && fields.slug === "broken"),
    );
    // More folders, one by one, while it is retrying.
    for (let at = 0; at < 10; at += 1) {
      tree.save(`later${at}`);
      await pause(150);
    }
    expect(daemon.logger.messages().filter((message) => message === "The registry is away.").length).toBe(1);
    state.away = false;
    await until(
      "all are registered within ten seconds",
      () => daemon.isRegistered("during0", "during29", "later0", "later9"),
      10_000,
    );
    await whenReady(daemon);
    expect(daemon.logger.messages()).toContain("working again");
    expect(await daemon.metrics()).toMatch(/^sentinel_registry_errors_total [1-9]/m);
  });

  it("starts without its registry and catches up", async () => {
    const tree = newTree("alpha");
    const { driver, state } = fragile(embedded(tree));
    state.away = true;
    const daemon = start(tree, driver);
    await until("not ready", async () => (await daemon.ready()).body.trouble !== null);
    expect((await daemon.ready()).body.reasons).toContain("The first scan is not done yet.");
    state.away = false;
    await whenReady(daemon);
    expect(await daemon.isRegistered("alpha")).toBe(true);
  });

  it("waits for an embedded registry that another process holds, and says who", async () => {
    const tree = newTree("alpha");
    const other = embedded(tree);
    await other.migrate();
    const daemon = start(tree, embedded(tree));
    await until("not ready", async () => (await daemon.ready()).body.trouble !== null);
    expect((await daemon.ready()).body.trouble).toMatchObject({
      kind: "registry",
      why: expect.stringContaining(`process ${process.pid}`),
    });
    await other.close();
    await whenReady(daemon);
    expect(await daemon.isRegistered("alpha")).toBe(true);
  });

  it("lets go of an idle embedded registry, and takes it again for the next change", async () => {
    const tree = newTree("alpha");
    const daemon = start(tree, embedded(tree), { idleCloseSeconds: 0.5 });
    await whenReady(daemon);
    await until("another process gets in", async () => (await registered(tree).catch(() => null)) !== null);
    tree.save("beta");
    await until("registered", () =>
      daemon.logger.lines.some(({ fields }) => String(fields.slugs) === "beta"),
    );
    await until(
      "another gets in again",
      async () => (await registered(tree).catch(() => null))?.has("beta") === true,
    );
  });

  it("polls where no events come, and says so", async () => {
    const tree = newTree("alpha");
    const deaf: OpenEvents = async () => ({ close: async () => {} });
    const daemon = start(tree, embedded(tree), { openEvents: deaf });
    await whenReady(daemon);
    expect(daemon.status()).toMatchObject({
      mode: "polling",
      polling_because: "a file of our own was written and no event came",
      running: true,
    });
    expect(daemon.logger.messages("warn")).toContain("polling instead of watching");
    expect(await daemon.metrics()).toContain("sentinel_polling 1\n");
    tree.save("beta");
    await until("registered all the same", () => daemon.isRegistered("beta"));
    tree.save("alpha", "Another name");
    await until("a save in place, too", () =>
      daemon.logger.lines.some(({ fields }) => String(fields.slugs) === "alpha" && fields.updated === 1),
    );
  });

  it("turns to polling when the kernel has no watches left", async () => {
    const tree = newTree("alpha");
    const exhausted: OpenEvents = async (root, listener) => {
      const events = await openChokidar(root, listener);
      setTimeout(
        () => listener.failed(Object.assign(new Error("no space for watches"), { code: "ENOSPC" })),
        300,
      );
      return events;
    };
    const daemon = start(tree, embedded(tree), { openEvents: exhausted });
    await until("polling", () => daemon.status()?.mode === "polling");
    expect(daemon.status()?.polling_because).toContain("no space for watches");
    tree.save("beta");
    await until("registered", () => daemon.isRegistered("beta"));
  });

  it("opens a watcher anew that missed something, and gives up on events that come and are not true", async () => {
    const tree = newTree("alpha");
    let opened = 0;
    // The probe is seen, as on a mount whose other side changes files silently.
    const oneSided: OpenEvents = (root, listener) => {
      opened += 1;
      return openChokidar(root, { ...listener, moved: () => {}, movedSomewhere: () => {} });
    };
    const daemon = start(tree, embedded(tree), {
      openEvents: oneSided,
      tuning: { ...FAST, rescanSeconds: 1 },
    });
    await whenReady(daemon);
    expect(daemon.status()?.mode).toBe("events");
    tree.save("beta");
    await until("the rescan finds it", () => daemon.isRegistered("beta"));
    await until("opened anew", () => opened === 2);
    const looked = rescans(await daemon.metrics());
    await until("looked at by now", async () => rescans(await daemon.metrics()) > looked + 1);
    tree.save("gamma");
    await until("the next one, too", () => daemon.isRegistered("gamma"));
    await until("polling", () => daemon.status()?.mode === "polling");
    expect(daemon.status()?.polling_because).toBe("changes came without events, twice");
  });

  it("does not doubt a watcher whose events come", async () => {
    const tree = newTree("alpha");
    const daemon = start(tree, embedded(tree), { tuning: { ...FAST, rescanSeconds: 0.3 } });
    await whenReady(daemon);
    const first = rescans(await daemon.metrics());
    for (let at = 0; at < 20; at += 1) {
      tree.save("alpha", `Name ${at}`);
      await pause(100);
    }
    expect(rescans(await daemon.metrics())).toBeGreaterThan(first);
    expect(daemon.logger.messages()).not.toContain("changes came without events");
    expect(daemon.status()?.mode).toBe("events");
  });

  it("registers everything after a flood of which most events were lost", async () => {
    const tree = newTree("alpha");
    let opened = 0;
    const lossy: OpenEvents = (root, listener) => {
      opened += 1;
      let left = 6000;
      return openChokidar(root, {
        ...listener,
        moved: (slug, below) => {
          left -= 1;
          // The queue's overflow: one folder's events fill it, everybody else's are dropped.
          if (slug === "alpha" || left < 0) for (let at = 0; at < 50; at += 1) listener.moved("alpha", below);
        },
      });
    };
    const daemon = start(tree, embedded(tree), { openEvents: lossy });
    await whenReady(daemon);
    for (let at = 0; at < 40; at += 1) tree.save(`lost${at}`);
    for (let at = 0; at < 200; at += 1) write(join(tree.connectors, "alpha", `note${at}.md`), "a");
    await until("all are registered", () => daemon.isRegistered("lost0", "lost39"));
    await until("opened anew", () => opened > 1);
  });

  it("keeps neighbours of a folder that brings out a bug", async () => {
    const tree = newTree("alpha");
    const driver = embedded(tree);
    const { Reconciler } = await import("../../src/reconcile/index.ts");
    const { createRegistry } = await import("../../src/registry/index.ts");
    const { systemClock: clock } = await import("../../src/base/index.ts");
    const inner = new Reconciler(tree.workspace, createRegistry(driver), {
      source: "default",
      holder: "x",
      clock,
    });
    const daemon = start(tree, driver, {
      tuning: { ...FAST, settleMs: 200 },
      reconciler: {
        run: async (options) => {
          if (options.slugs?.includes("poison")) throw new TypeError("planted");
          return inner.run(options);
        },
        close: () => inner.close(),
      },
    });
    await whenReady(daemon);
    for (const slug of ["beta", "poison", "zeta"]) tree.save(slug);
    await until("the neighbours", () => daemon.isRegistered("beta", "zeta"));
    expect(daemon.logger.lines).toContainEqual(
      expect.objectContaining({ level: "error", fields: expect.objectContaining({ slug: "poison" }) }),
    );
    expect((await daemon.ready()).status).toBe(200);
  });

  it("leaves no status, lock or temporary file after a stop", async () => {
    const tree = newTree("alpha");
    const daemon = start(tree, embedded(tree));
    await whenReady(daemon);
    expect(daemon.status()).toMatchObject({ running: true, ready: true, source: "default" });
    await daemon.stop();
    expect(daemon.status()).toBeNull();
    expect((await registered(tree)).has("alpha")).toBe(true);
    expect(readFileSync(join(tree.connectors, "alpha", "manifest.yaml"), "utf8")).toBe(manifest("alpha"));
  });
});

describe("two daemons, one source", () => {
  const pair = () => {
    const tree = newTree("alpha");
    const inner = embedded(tree);
    const [first, second] = [fragile(inner), fragile(inner)];
    const other: Tree = { ...newTree("alpha", "beta") };
    return { tree, other, first, second };
  };

  it("one works, the other stands by, says for whom, and takes over when the first ends", async () => {
    const { tree, other, first, second } = pair();
    const a = start(tree, first.driver, { holder: "first" });
    await whenReady(a);
    const b = start(other, second.driver, { holder: "second" });
    await until("standing by", async () => (await b.ready()).body.trouble !== null);
    expect((await b.ready()).body).toMatchObject({
      ready: false,
      trouble: { kind: "standby", why: 'Standing by: "first" holds the lease of this source.' },
    });
    expect(existsSync(join(other.connectors, "beta", "mcp.ts"))).toBe(false);
    await a.stop();
    await whenReady(b);
    expect(await b.isRegistered("beta")).toBe(true);
  });

  it("a former holder that was paused writes nothing, stands by, and comes back when it may", async () => {
    const { tree, other, first, second } = pair();
    const tuning = { ...FAST, allowArchive: 10 };
    const a = start(tree, first.driver, { holder: "first", leaseSeconds: 1, tuning });
    await whenReady(a);
    let resume = (): void => {};
    first.state.gate = new Promise((resolve) => {
      resume = resolve;
    });
    tree.save("late");
    await pause(1500);
    const b = start(other, second.driver, { holder: "second", leaseSeconds: 1, tuning });
    await whenReady(b);
    resume();
    await until("standing by", () =>
      a.logger.messages().includes('Standing by: "second" holds the lease of this source.'),
    );
    await pause(300);
    expect(await b.isRegistered("late")).toBe(false);
    await b.stop();
    await until("back", () => a.isRegistered("late"));
  });
});
