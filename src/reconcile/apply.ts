import { setTimeout as sleep, setImmediate as turn } from "node:timers/promises";
import { Bug, CODES, type Code, type Diagnostic, diagnostic, type Span, WHOLE_FILE } from "../base/index.ts";
import { generate } from "../generate/index.ts";
import type { Manifest, Reading } from "../manifest/index.ts";
import type { Applied, BatchEntry, Change } from "../registry/index.ts";
import type { CachedFolder } from "./cache.ts";
import type { Effects } from "./effects.ts";
import { type Comparison, compareGenerated, type Folder } from "./files.ts";
import type { Decision, Refusal } from "./plan.ts";
import type { ReportBuilder } from "./report.ts";
import { PATIENCE_MS, settledSignature } from "./settle.ts";
import type { Signature } from "./signature.ts";
import type { ConnectorOutcome } from "./types.ts";

/** How many connectors go to the registry in one call, and how much of their files at most: about 2 MB of JSON. */
const BATCH = 500;
/** Of a few connectors the first batch is small, and each after it twice as large: the registry gets to work early. */
const FIRST_BATCH = 25;
const BATCH_BYTES = 1_500_000;

/** Takes what is in place and may be trusted by the next run. */
export type Remember = (slug: string, folder: CachedFolder) => void;

/** A reading without errors. */
export type GoodReading = Extract<Reading, { ok: true }>;

/** A connector on its way to the registry. */
interface Job {
  readonly reading: GoodReading;
  readonly folder: Folder;
  readonly signature: Signature | null;
  readonly files: Comparison;
  readonly action: Exclude<Decision["action"], "refuse">;
}

/** What was done where the registry says that there was nothing to do: a call whose reply was lost had done it. */
const DONE_BEFORE = {
  create: "created",
  update: "updated",
  restore: "restored",
  unchanged: "unchanged",
} as const satisfies Record<Job["action"], ConnectorOutcome>;

/**
 * Brings connectors into files and registry, one after the other, the registry by the batch: while it works on one
 * batch, the next is read and generated. Nothing is registered whose files can't be written.
 */
export class Applier {
  readonly #effects: Effects;
  readonly #report: ReportBuilder;
  readonly #remember: Remember | null;
  #batch: Job[] = [];
  #bytes = 0;
  #size: number;
  #flight: { readonly jobs: readonly Job[]; readonly reply: Promise<readonly Applied[]> } | null = null;
  /** What was written a moment ago, and the moment from which on it can be trusted, in milliseconds since the epoch. */
  #young: Job[] = [];
  #still = 0;

  /**
   * @param total how many connectors will come; where there are many, small batches would only have the database plan for
   *   small tables
   * @param remember takes what is in place and may be trusted by the next run
   */
  constructor(effects: Effects, report: ReportBuilder, total: number, remember: Remember | null) {
    this.#size = total > BATCH ? BATCH : FIRST_BATCH;
    this.#effects = effects;
    this.#report = report;
    this.#remember = remember;
  }

  /** Does for one connector what was decided. */
  async take(
    reading: GoodReading,
    folder: Folder,
    signature: Signature | null,
    decision: Decision,
  ): Promise<void> {
    if (decision.action === "refuse") {
      this.#refuse(reading, folder, decision.refusal);
      return;
    }
    const { action } = decision;
    const wanted = generate(reading.manifest, reading.digest);
    const register = action !== "unchanged";
    // The lease comes first: who does not get it leaves the files alone too.
    if (register) await this.#effects.begin();
    const files = this.#effects.files(folder, wanted, compareGenerated(folder, wanted));
    if (files.problems.length > 0) {
      this.#report.diagnostics(files.problems);
      this.#invalid(reading);
      return;
    }
    const job = { reading, folder, signature, files, action };
    if (register) {
      this.#batch.push(job);
      for (const { path, size } of reading.inputs) if (path.endsWith(".yaml")) this.#bytes += size;
      for (const text of Object.values(reading.contents)) this.#bytes += text.length;
      if (this.#batch.length >= this.#size || this.#bytes >= BATCH_BYTES) await this.#launch();
    } else {
      this.#done(job, "unchanged", []);
    }
  }

  /** Sends what is left and waits for every answer. */
  async finish(): Promise<void> {
    await this.#launch();
    await this.#launch();
    const young = this.#young;
    if (young.length === 0) return;
    this.#young = [];
    // Timers may be a millisecond early, and the clock may have been set: it only ever spares work.
    await sleep(Math.min(PATIENCE_MS, Math.max(0, Math.ceil(this.#still - Date.now())) + 2));
    for (const job of young) this.#settle(job);
  }

  /** Waits for the batch under way, sends the next, and only then looks after the files of the former. */
  async #launch(): Promise<void> {
    const landed = this.#flight;
    const applied = landed === null ? [] : await landed.reply;
    const jobs = this.#batch;
    this.#batch = [];
    this.#bytes = 0;
    this.#size = Math.min(this.#size * 2, BATCH);
    this.#flight = null;
    if (jobs.length > 0) {
      const reply = this.#effects.send(jobs.map(({ reading }) => entryOf(reading)));
      // Awaited by the next launch; a failure before that must not end the process.
      reply.catch(() => {});
      this.#flight = { jobs, reply };
      // What has been read already keeps this thread busy: without a turn of the loop the batch would wait here for the next.
      await turn();
    }
    if (landed !== null) this.#land(landed.jobs, applied);
  }

  #land(jobs: readonly Job[], applied: readonly Applied[]): void {
    const answers = new Map(applied.map((one) => [one.slug, one]));
    for (const job of jobs) {
      const { slug } = job.reading;
      const answer = answers.get(slug);
      if (answer === undefined) throw new Bug(`the registry says nothing of ${slug}`);
      const { outcome, refusal, changes } = answer;
      if (outcome === "refused" || refusal !== null) {
        this.#refuse(job.reading, job.folder, refusalOf(refusal));
      } else {
        this.#done(job, outcome === "unchanged" ? DONE_BEFORE[job.action] : outcome, changes);
      }
    }
  }

  #done(job: Job, outcome: ConnectorOutcome, changes: readonly Change[]): void {
    const { slug, digest, diagnostics } = job.reading;
    this.#report.connector({ slug, outcome, digest, files: job.files.actions, changes });
    this.#report.diagnostics(diagnostics);
    this.#settle(job);
  }

  #refuse(reading: GoodReading, folder: Folder, refusal: Refusal): void {
    this.#report.diagnostics([refusalDiagnostic(reading, folder, refusal)]);
    this.#invalid(reading);
  }

  #invalid({ slug, digest, diagnostics }: GoodReading): void {
    const outcome: ConnectorOutcome = "invalid";
    this.#report.connector({ slug, outcome, digest, files: [], changes: [] });
    this.#report.diagnostics(diagnostics);
  }

  /** Hands over what the next run may trust; what was written a moment ago waits for the end. */
  #settle(job: Job): void {
    if (job.signature === null || this.#remember === null) return;
    const signature = settledSignature(job.folder, job.files.standing, job.signature);
    if (typeof signature === "number") {
      this.#still = Math.max(this.#still, signature);
      this.#young.push(job);
    } else if (signature !== null) {
      const { slug, digest, diagnostics } = job.reading;
      this.#remember(slug, { signature, digest, warnings: diagnostics });
    }
  }
}

/** A refusal at its place in the manifest. */
function refusalDiagnostic(reading: GoodReading, folder: Folder, refusal: Refusal): Diagnostic {
  const span: Span = (refusal.field === null ? undefined : reading.positions[refusal.field]) ?? WHOLE_FILE;
  return diagnostic(refusal.code, `${folder.display}/manifest.yaml`, span, refusal.message, refusal.hint);
}

function refusalOf(refusal: Applied["refusal"]): Refusal {
  const code = refusal?.code ?? "";
  if (refusal === null || !isCode(code))
    throw new Bug(`the registry refused for an unknown reason "${code}"`);
  const field = code === "registry.version_immutable" ? "version" : "provider_slug";
  return { code, field, message: refusal.message };
}

function isCode(code: string): code is Code {
  return Object.hasOwn(CODES, code);
}

function entryOf({ digest, manifest, files, contents }: GoodReading): BatchEntry {
  return { digest, manifest: asJson(manifest), files, contents };
}

/** A manifest is JSON by construction; its interfaces only lack the index signature that says so. */
function asJson(manifest: Manifest): BatchEntry["manifest"] {
  const isJson = (value: object): value is BatchEntry["manifest"] => value !== null;
  if (!isJson(manifest)) throw new Bug("a manifest is an object");
  return manifest;
}
