import { readFileSync } from "node:fs";
import { errno } from "../base/index.ts";
import { PlainError } from "./plain.ts";
import { type Connector, type ConnectorData, checked } from "./types.ts";

/** `import.meta.main`, which generated files rely on, and running TypeScript as it is. */
const OLDEST_NODE = [22, 22] as const;

/**
 * Takes what a generated file says, looks it over, and freezes it. The look is a light one: the generator has checked
 * everything, so it is there to tell a file that was edited by hand or torn.
 *
 * @param data the data, or the `file:` URL of a JSON file that holds it
 * @throws PlainError when Node is too old, the file can't be read, or the data is not a connector's
 */
export function defineConnector(data: ConnectorData | URL): Connector {
  assertNode(process.versions.node);
  const value: unknown = data instanceof URL ? readData(data) : data;
  assertConnector(value);
  for (const tool of value.tools) Object.freeze(tool);
  Object.freeze(value.tools);
  return Object.freeze({ ...value, [checked]: true as const });
}

/**
 * Checks the version of Node.
 *
 * @param version such as `24.21.0`
 * @throws PlainError when it is older than 22.22
 */
export function assertNode(version: string): void {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  const [oldest, least] = OLDEST_NODE;
  if (major > oldest || (major === oldest && minor >= least)) return;
  throw new PlainError(
    "runtime.node_too_old",
    `This connector needs Node ${oldest}.${least} or newer, and this is Node ${version}.`,
    `Install Node ${oldest}.${least} or newer and start it again.`,
  );
}

function readData(url: URL): unknown {
  try {
    return JSON.parse(readFileSync(url, "utf8"));
  } catch (error) {
    const why = errno(error) ?? "it is not JSON";
    throw broken(`${url.pathname} can't be read (${why})`, error);
  }
}

/**
 * Reads what the generator says of a connector.
 * @throws PlainError when it is not a connector's
 */
export function connectorDataOf(value: unknown): ConnectorData {
  assertConnector(value);
  return value;
}

function assertConnector(value: unknown): asserts value is ConnectorData {
  if (!isRecord(value)) throw broken("The connector is no object");
  for (const key of ["name", "title", "digest"]) {
    if (typeof value[key] !== "string") throw broken(`The connector's ${key} is no text`);
  }
  if (value.$defs !== undefined && !isRecord(value.$defs))
    throw broken("The connector's $defs are no object");
  if (!Array.isArray(value.tools)) throw broken("The connector has no list of tools");
  const names = new Set<string>();
  for (const tool of value.tools) {
    const name = toolName(tool);
    if (names.has(name)) throw broken(`The tool ${name} is there twice`);
    names.add(name);
  }
}

function toolName(tool: unknown): string {
  if (!isRecord(tool) || typeof tool.name !== "string" || !/^[a-z][a-z0-9_]*$/.test(tool.name)) {
    throw broken("A tool has no name that the protocol knows");
  }
  if (!isRecord(tool.inputSchema) || tool.inputSchema.type !== "object") {
    throw broken(`The input of the tool ${tool.name} is not described as an object`);
  }
  return tool.name;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function broken(what: string, cause?: unknown): PlainError {
  const hint = "Run `sentinel run` to generate the file again; what it says belongs in manifest.yaml.";
  return new PlainError("runtime.bad_connector", `${what}.`, hint, { cause });
}
