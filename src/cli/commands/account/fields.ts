import type { Manifest } from "../../../manifest/index.ts";

/**
 * The fields that an account of a connector can use: those that the manifest declares or names in a template, and `path`
 * where it is a file of the account's own.
 */
export function usableFields(manifest: Manifest): string[] {
  const { account_fields, auth, tools } = manifest;
  const queries = tools.flatMap((tool) => [tool.sql, ...(tool.steps ?? []).map(({ sql }) => sql)]);
  const ofFile = queries.some((sql) => sql?.database === "local_path" && sql.file === null);
  return [
    ...new Set([
      ...account_fields.map(({ name }) => name),
      ...(ofFile || auth.type === "local_path" ? ["path"] : []),
      ...named(JSON.stringify(manifest)),
    ]),
  ];
}

/** Names behind `account` in the templates of a text of JSON. */
function named(json: string): string[] {
  const templates = json.match(/\{[{%].*?[}%]\}/g) ?? [];
  const found = templates.flatMap((one) => [...one.matchAll(/\baccount(?:\.|\[\\?["'])(\w+)/g)]);
  return found.flatMap(([, name]) => name ?? []);
}
