/** A person's decisions through `sentinel review`, in the one place that knows how they are spelled. */
import type { Finished } from "./process.ts";
import type { Project } from "./project.ts";
import type { ShowJson } from "./shapes.ts";

export class Reviewer {
  readonly #project: Project;
  readonly #name: string;

  constructor(project: Project, name = "ada") {
    this.#project = project;
    this.#name = name;
  }

  run(...args: readonly string[]): Promise<Finished> {
    return this.#project.run(["review", ...args, "--as", this.#name]);
  }

  /** Decides the firearm of scopes. @param type null: none is needed. */
  firearm(slug: string, scopes: readonly string[], type: string | null): Promise<Finished> {
    return this.run("firearms", slug, ...scopes, ...(type === null ? ["--none"] : ["--type", type]));
  }

  kpi(slug: string, raw: string, core: string): Promise<Finished> {
    return this.run("kpis", "map", slug, raw, core);
  }

  /** Approves what is waiting, or the given digest. */
  async approve(slug: string, digest?: string): Promise<Finished> {
    const wanted = digest ?? (await this.#project.json<ShowJson>(["show", slug])).digest;
    return this.run("approve", slug, "--digest", wanted, "--yes");
  }

  reject(slug: string, reason: string): Promise<Finished> {
    return this.run("reject", slug, "--reason", reason, "--yes");
  }

  diff(slug: string): Promise<Finished> {
    return this.run("diff", slug);
  }
}
