import { existsSync } from "node:fs";
import { join } from "node:path";
import { compareDiagnostics, type Diagnostic } from "../../base/index.ts";
import { caseProblems, certify, type FolderFacts } from "../../certify/index.ts";
import { type Manifest, openReader, openRegular, type Reading, readTests } from "../../manifest/index.ts";
import { check, type Workspace } from "../../reconcile/index.ts";
import type { CommandModule } from "../definitions.ts";
import { slugs } from "../options.ts";
import { certificateReport } from "../output/certify.ts";

const MAX_README_BYTES = 1024 * 1024;
const MAX_SERVICE_BYTES = 1024 * 1024;

/** `sentinel certify`: 1 when a gate fails. */
export const run: CommandModule["run"] = async ({ settings, output }, given) => {
  const { workspace } = settings;
  const [slug = ""] = slugs(given, settings) ?? [];
  const { diagnostics: checked } = await check(workspace, [slug]);
  const reading = await read(workspace, slug);
  const folder = join(workspace.connectors, slug);
  const tests = testsOf(folder, `${workspace.display}/${slug}/tests.yaml`, reading, checked);
  const manifest = reading.ok ? reading.manifest : null;
  const shown = await rehearsed(folder, reading, tests);
  const certificate = certify(manifest, { diagnostics: checked, readme: readmeOf(folder), tests, shown });
  const diagnostics = [...new Set([...checked, ...(tests?.diagnostics ?? [])])].sort(compareDiagnostics);
  await output.result(certificateReport(slug, reading, certificate, diagnostics));
  return certificate.ok ? 0 : 1;
};

/** Runs the cases, where there are sound ones. */
async function rehearsed(
  folder: string,
  reading: Reading,
  tests: FolderFacts["tests"],
): Promise<FolderFacts["shown"]> {
  if (!reading.ok || tests?.tests == null || tests.diagnostics.length > 0) return null;
  const { manifest, digest, files } = reading;
  const [{ connectorDataOf, rehearse }, { connectorData }] = await Promise.all([
    import("../../runtime/index.ts"),
    import("../../generate/index.ts"),
  ]);
  const opened = openRegular(join(folder, "service.ts"), MAX_SERVICE_BYTES);
  const service = "bytes" in opened ? opened.bytes.toString("utf8") : null;
  const dataOf = (content: Manifest) => connectorDataOf(connectorData(content, ""));
  return rehearse({ manifest, digest, files, service }, tests.tests, dataOf);
}

async function read({ connectors, display }: Workspace, slug: string): Promise<Reading> {
  const reader = openReader({ root: connectors, display });
  try {
    return await reader.read(slug);
  } finally {
    await reader.close();
  }
}

/** What tests.yaml says; where the folder is not valid, only what check has said of it. */
function testsOf(
  folder: string,
  display: string,
  reading: Reading,
  checked: readonly Diagnostic[],
): FolderFacts["tests"] {
  const path = join(folder, "tests.yaml");
  if (reading.ok) {
    const { manifest } = reading;
    return readTests(path, display, manifest, (tests) => caseProblems(tests, manifest));
  }
  if (!existsSync(path)) return null;
  return { tests: null, diagnostics: checked.filter(({ file }) => file === display) };
}

/** The text of README.md; null where there is none that can be read, of which check says why. */
function readmeOf(folder: string): string | null {
  const opened = openRegular(join(folder, "README.md"), MAX_README_BYTES);
  return "bytes" in opened ? opened.bytes.toString("utf8") : null;
}
