/** What every end-to-end test starts from. */

import { join } from "node:path";
import { afterAll } from "vitest";
import { dump, rows } from "./support/dump.ts";
import { requireFreshBuild } from "./support/process.ts";
import { Project } from "./support/project.ts";

export { makeConnectors, makeManifest, SMALLEST, seeded, tiny } from "./support/maker.ts";
export { eventually, type Finished, MAIN, PACKAGE, type Running, sentinel } from "./support/process.ts";
export { type Content, Project } from "./support/project.ts";
export { Reviewer } from "./support/review.ts";
export type { ChangeJson, CheckJson, DiagnosticJson, RunJson, ShowJson } from "./support/shapes.ts";

requireFreshBuild();

const projects: Project[] = [];

/** A new project, ended and deleted after the file's tests. @param options go with every command. */
export function project(options: readonly string[] = []): Project {
  return keep(new Project(options));
}

/** Deletes a project that came from elsewhere after the file's tests. */
export function keep(made: Project): Project {
  projects.push(made);
  return made;
}

/** Every row of a project's embedded registry. */
export function dumpOf(from: Project): Promise<string> {
  return dump(join(from.dir, ".sentinel/registry"));
}

/** Rows of a query on a project's embedded registry. */
export function rowsOf(from: Project, sql: string): Promise<Record<string, unknown>[]> {
  return rows(join(from.dir, ".sentinel/registry"), sql);
}

afterAll(async () => {
  await Promise.all(projects.map((one) => one.close()));
});
