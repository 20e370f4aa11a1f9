/** What the command prints with `--format json`, as far as these tests look at it. */

export interface DiagnosticJson {
  code: string;
  severity: "error" | "warning";
  file: string;
  line: number;
  column: number;
  end_line: number;
  end_column: number;
  message: string;
  hint: string;
}

export interface CheckJson {
  format_version: 1;
  ok: boolean;
  summary: { connectors: number; errors: number; warnings: number };
  diagnostics: DiagnosticJson[];
}

export interface ChangeJson {
  table: string;
  key: string;
  field: string | null;
  from: unknown;
  to: unknown;
}

export interface RunJson {
  format_version: 1;
  ok: boolean;
  summary: Record<"created" | "updated" | "unchanged" | "archived" | "restored" | "invalid", number>;
  connectors: {
    slug: string;
    outcome: string;
    digest: string | null;
    files: { path: string; action: string }[];
    changes: ChangeJson[];
  }[];
  diagnostics: DiagnosticJson[];
}

export interface ShowJson {
  format_version: 1;
  provider_slug: string;
  display_name: string;
  status: string;
  is_approved: boolean;
  version: string | null;
  digest: string;
  approved_digest: string | null;
  source: string;
  manifest: Record<string, unknown>;
  scopes: Record<string, unknown>[];
  tools: Record<string, unknown>[];
  metrics: Record<string, unknown>[];
  kpi_mappings: Record<string, unknown>[];
  blockers: { code: string; key: string; message: string }[];
}
