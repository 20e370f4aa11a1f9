import { byCodeUnit, compareDiagnostics, type Diagnostic, diagnostic, type Span } from "../base/index.ts";

/** A connector's name and the place where its manifest says it. */
export interface NamedConnector {
  readonly slug: string;
  readonly file: string;
  readonly span: Span;
}

/** Rules across folders: slugs that would share one vault prefix, or that differ only in case. Both are told. */
export function crossFolder(connectors: readonly NamedConnector[]): Diagnostic[] {
  const groups = new Map<string, NamedConnector[]>();
  for (const connector of connectors) {
    const prefix = vaultPlatform(connector.slug);
    const group = groups.get(prefix);
    if (group === undefined) groups.set(prefix, [connector]);
    else group.push(connector);
  }
  const found: Diagnostic[] = [];
  for (const [prefix, group] of groups) {
    if (group.length < 2) continue;
    for (const connector of group) {
      const others = group.filter((other) => other !== connector).map((other) => other.slug);
      const names = [...others].sort(byCodeUnit).join(", ");
      const message = `${connector.slug} would share the vault keys of ${prefix} with ${names}.`;
      found.push(diagnostic("folder.vault_collision", connector.file, connector.span, message));
    }
  }
  return found.sort(compareDiagnostics);
}

/** `{PLATFORM}` of a naming rule: the slug in capitals, with underscores. */
export function vaultPlatform(slug: string): string {
  return slug.toUpperCase().replaceAll("-", "_");
}
