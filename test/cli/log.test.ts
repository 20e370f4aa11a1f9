import { expect, it } from "vitest";
import { lastRows } from "../../src/cli/commands/log/show.ts";
import type { LogFilter, LogPage, LogRow } from "../../src/registry/index.ts";

const AT_MOST = 5000;

/** A log of so many rows, of which the registry gives as many at once as it does. */
const logOf =
  (rows: number) =>
  async ({ before = rows + 1, max_rows = 0 }: LogFilter): Promise<LogPage> => {
    const [last, most] = [before - 1, Math.min(max_rows, AT_MOST)];
    const first = Math.max(1, last - most + 1);
    const events = Array.from({ length: last - first + 1 }, (_, at): LogRow => row(first + at));
    return { head: { event_id: rows, hash: "h" }, events };
  };

const row = (event_id: number): LogRow => ({
  ...{ event_id, at: "", actor: "ann", face: "runtime", action: "read", source: null, provider_id: null },
  ...{ digest: null, details: "{}", prev_hash: "", hash: "" },
});

it.each([
  [3, 100, 1, 3],
  [12_000, 100, 11_901, 12_000],
  [12_000, 5000, 7001, 12_000],
  [12_000, 7000, 5001, 12_000],
  [12_000, 50_000, 1, 12_000],
  [10_000, 20_000, 1, 10_000],
])("of %i rows the last %i are rows %i to %i", async (rows, limit, first, last) => {
  const { events } = await lastRows(logOf(rows), {}, limit);
  const ids = events.map(({ event_id }) => event_id);
  expect([ids.length, ids[0], ids.at(-1)]).toEqual([last - first + 1, first, last]);
  expect(ids.every((id, at) => id === first + at)).toBe(true);
});
