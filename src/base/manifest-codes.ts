import type { CodeMeaning } from "./codes.ts";

/** The codes of what can be wrong with a connector's folder, its files and its manifest. */
export const MANIFEST_CODES = {
  "yaml.syntax": {
    severity: "error",
    meaning: "The file is not well-formed YAML 1.2.",
    remedy: "Correct the YAML at the place shown.",
  },
  "yaml.empty": {
    severity: "error",
    meaning: "The file holds nothing but blank lines and comments.",
    remedy: "Write the declaration, or delete the file.",
  },
  "yaml.anchor": {
    severity: "error",
    meaning: "An anchor (`&name`) is used; the YAML of a connector has none.",
    remedy: "Remove the anchor and write the value out.",
  },
  "yaml.alias": {
    severity: "error",
    meaning: "An alias (`*name`) is used; the YAML of a connector has none.",
    remedy: "Write the value out, or put the text in quotes if it starts with an asterisk.",
  },
  "yaml.tag": {
    severity: "error",
    meaning: "A tag (`!name`) is used; the YAML of a connector has none.",
    remedy: "Remove the tag, or put the text in quotes if it starts with an exclamation mark.",
  },
  "yaml.directive": {
    severity: "error",
    meaning: "A line starts with `%`, which is a directive.",
    remedy: "Remove the line; the file is always read as YAML 1.2.",
  },
  "yaml.merge_key": {
    severity: "error",
    meaning: "A merge key (`<<`) is used; the YAML of a connector has none.",
    remedy: "Write the fields out.",
  },
  "yaml.several_documents": {
    severity: "error",
    meaning: "The file holds more than one document.",
    remedy: "Keep one document; more tools go to tools/<group>.yaml.",
  },
  "yaml.too_deep": {
    severity: "error",
    meaning: "Lists and maps are nested more than 64 levels deep.",
    remedy: "Flatten the value.",
  },
  "yaml.too_complex": {
    severity: "error",
    meaning: "Reading the folder took too long or too much memory and was stopped.",
    remedy: "Make the files smaller and plainer.",
  },
  "yaml.duplicate_key": {
    severity: "error",
    meaning: "A map has the same key twice, in whatever spelling.",
    remedy: "Keep one of the two.",
  },
  "yaml.forbidden_key": {
    severity: "error",
    meaning: "A key is named `__proto__`, `constructor` or `prototype`.",
    remedy: "Choose another name.",
  },
  "yaml.key_not_text": {
    severity: "error",
    meaning: "A key is not a plain text.",
    remedy: "Write the key as a text: `key: value`.",
  },
  "yaml.ambiguous_value": {
    severity: "error",
    meaning: "A value without quotes means different things to different YAML readers.",
    remedy: "Put it in quotes if text is meant; else write true, false or a decimal number.",
  },
  "file.unreadable": {
    severity: "error",
    meaning: "The file can't be opened or read.",
    remedy: "Make it readable for the user that runs the Sentinel.",
  },
  "file.not_regular": {
    severity: "error",
    meaning: "Where a file is expected there is a link, a folder, a pipe or a device.",
    remedy: "Put a regular file there.",
  },
  "file.linked": {
    severity: "error",
    meaning: "The file has more than one name (hard links), so that another name could change it.",
    remedy: "Replace it by a copy of its own.",
  },
  "file.too_large": {
    severity: "error",
    meaning: "The file is larger than allowed.",
    remedy: "Make it smaller: tools can go to several files tools/<group>.yaml.",
  },
  "file.not_utf8": {
    severity: "error",
    meaning: "The file is not valid UTF-8.",
    remedy: "Save it as UTF-8.",
  },
  "file.byte_order_mark": {
    severity: "error",
    meaning: "The file starts with a byte order mark.",
    remedy: "Save it as UTF-8 without BOM.",
  },
  "file.hidden_character": {
    severity: "error",
    meaning: "The text holds an invisible, bidirectional or control character.",
    remedy: "Delete the character.",
  },
  "file.secret": {
    severity: "error",
    meaning: "The file holds what looks like a secret.",
    remedy: "Remove it, revoke it at the provider, and store a new one in the vault: `sentinel vault`.",
  },
  "file.env": {
    severity: "error",
    meaning: "The folder holds a `.env` file.",
    remedy: "Delete it; credentials are named by the manifest and stored in the vault.",
  },
  "folder.name": {
    severity: "error",
    meaning: "The folder's name can't be a provider_slug.",
    remedy:
      "Use lower-case letters, digits and single `-` or `_` between them, at most 64, starting with a letter.",
  },
  "folder.reserved_name": {
    severity: "error",
    meaning: "The folder's name is a device name on some systems.",
    remedy: "Choose another name.",
  },
  "folder.not_a_folder": {
    severity: "error",
    meaning: "Where a connector's folder is expected there is a link or a file.",
    remedy: "Make it a real folder with a manifest.yaml in it.",
  },
  "folder.unreadable": {
    severity: "error",
    meaning: "The folder can't be read.",
    remedy: "Make it readable for the user that runs the Sentinel.",
  },
  "folder.no_manifest": {
    severity: "error",
    meaning: "The folder has no manifest.yaml.",
    remedy: "Add one (`sentinel new` writes a complete example), or delete the folder.",
  },
  "folder.nested": {
    severity: "error",
    meaning: "A folder within a connector's folder has a manifest.yaml: connectors do not nest.",
    remedy: "Move it to connectors/<slug>/, or delete it.",
  },
  "folder.too_many_files": {
    severity: "error",
    meaning: "The folder holds more files than allowed.",
    remedy: "Move what the connector does not need elsewhere.",
  },
  "folder.not_read": {
    severity: "error",
    meaning: "A YAML file stands where no YAML file is read, so what it says would be lost.",
    remedy: "Name it manifest.yaml, tools/<group>.yaml or tests.yaml, or move it out of the folder.",
  },
  "folder.vault_collision": {
    severity: "error",
    meaning:
      "Two connectors would share one set of vault keys, because their slugs differ only in `-`, `_` or case.",
    remedy: "Rename one of the two folders and its provider_slug.",
  },
  "manifest.not_a_map": {
    severity: "error",
    meaning: "The file's value is not what the file must hold.",
    remedy: "A manifest is a map of fields; a tools file is a list of tools.",
  },
  "manifest.unknown_key": {
    severity: "error",
    meaning: "There is no field of that name here.",
    remedy: "Remove it; docs/manifest.md names every field.",
  },
  "manifest.missing_key": {
    severity: "error",
    meaning: "A field that must be there is missing.",
    remedy: "Add the field.",
  },
  "manifest.wrong_type": {
    severity: "error",
    meaning: "A value has the wrong type.",
    remedy: "Write the type that the field wants.",
  },
  "manifest.not_allowed": {
    severity: "error",
    meaning: "A value is not one of those allowed.",
    remedy: "Use one of the values named.",
  },
  "manifest.bad_format": {
    severity: "error",
    meaning: "A text does not have the form that its field wants.",
    remedy: "Write it in the form named.",
  },
  "manifest.too_long": {
    severity: "error",
    meaning: "A text or list is longer than allowed.",
    remedy: "Shorten it.",
  },
  "manifest.too_short": {
    severity: "error",
    meaning: "A text or list is empty where something must stand.",
    remedy: "Fill it, or leave the field out.",
  },
  "manifest.gating_field": {
    severity: "error",
    meaning: "A field tries to gate by danger, risk or an allow-list; firearms are the only gate.",
    remedy: "Remove it; use requires_firearm and firearm_type on a scope.",
  },
  "manifest.run_block": {
    severity: "error",
    meaning: "A field would run a shell command or a script.",
    remedy: "Use rest, graphql, sql, applescript, steps, or a handler in service.ts.",
  },
  "manifest.secret_field": {
    severity: "error",
    meaning: "A field would hold the value of a credential.",
    remedy: "Remove it; credentials are stored in the vault under the name that naming_rule gives.",
  },
  "manifest.slug_mismatch": {
    severity: "error",
    meaning: "provider_slug is not the folder's name.",
    remedy: "Rename the folder or correct provider_slug.",
  },
  "manifest.naming_rule": {
    severity: "error",
    meaning: "naming_rule does not give a vault key name.",
    remedy: "Use capitals, digits, underscores and the placeholders {PLATFORM} and {KEY}, each once.",
  },
  "manifest.summary": {
    severity: "error",
    meaning: "summary is not one sentence.",
    remedy: "Keep the first sentence; details go to instructions.",
  },
  "manifest.icon_missing": {
    severity: "error",
    meaning: "The icon's file is not in the folder.",
    remedy: "Add the file, or name an icon of a set as `set:name`.",
  },
  "manifest.account_template": {
    severity: "error",
    meaning: "A URL holds a template where none is allowed.",
    remedy: "A host may hold {{account.NAME}} and nothing else.",
  },
  "scope.duplicate": {
    severity: "error",
    meaning: "Two scopes have the same name.",
    remedy: "Keep one of the two.",
  },
  "scope.firearm_type": {
    severity: "error",
    meaning: "A scope has a firearm_type but requires no firearm.",
    remedy: "Add requires_firearm: true, or remove firearm_type.",
  },
  "scope.undeclared": {
    severity: "warning",
    meaning: "auth asks for a scope that the manifest does not declare, so that nobody reviews it.",
    remedy: "Declare it under scopes, or correct the name.",
  },
  "kpi.duplicate": {
    severity: "error",
    meaning: "Two KPIs have the same raw name.",
    remedy: "Keep one of the two.",
  },
  "list.duplicate": {
    severity: "error",
    meaning: "A list of names holds the same name twice.",
    remedy: "Keep one of the two.",
  },
  "utm.unknown_variable": {
    severity: "error",
    meaning: "The UTM pattern uses a variable that is not in allowed_variables.",
    remedy: "Add it to allowed_variables or correct the pattern.",
  },
} as const satisfies Record<string, CodeMeaning>;
