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
    remedy: "Name it manifest.yaml or tools/<group>.yaml, or move it out of the folder.",
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
    remedy: "Use rest, graphql, sql, steps, or a handler in service.ts.",
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
  "tool.duplicate": {
    severity: "error",
    meaning: "Two tools have the same name.",
    remedy: "Rename one of the two.",
  },
  "tool.too_many": {
    severity: "error",
    meaning: "The connector has more than 2000 tools.",
    remedy: "Split it into several connectors.",
  },
  "tool.unknown_scope": {
    severity: "error",
    meaning: "A tool names a scope that the manifest does not declare.",
    remedy: "Declare it under scopes, or correct the name.",
  },
  "tool.no_executor": {
    severity: "warning",
    meaning: "A tool says nothing of how it does its work; it can be registered, but not approved.",
    remedy: "Add rest, graphql, sql, handler or steps.",
  },
  "tool.several_executors": {
    severity: "error",
    meaning: "A tool says more than once how it does its work.",
    remedy: "Keep exactly one of rest, graphql, sql, handler and steps.",
  },
  "tool.open_input": {
    severity: "error",
    meaning: "A tool with side effects accepts input that it does not declare.",
    remedy: "Add additionalProperties: false to its input.",
  },
  "tool.destructive": {
    severity: "error",
    meaning: "A tool is destructive but not side_effecting.",
    remedy: "Add side_effecting: true, or remove destructive.",
  },
  "tool.method": {
    severity: "warning",
    meaning: "A tool that is not side_effecting sends a request that usually changes something.",
    remedy: "Add side_effecting: true if it does change something; a search by POST is fine as it is.",
  },
  "tool.handler_missing": {
    severity: "error",
    meaning: "service.ts does not export the function that a tool names.",
    remedy: "Export it from service.ts, or correct the name.",
  },
  "tool.path_and_url": {
    severity: "error",
    meaning: "A request needs exactly one of path and url.",
    remedy: "Keep path for what lies below base_url, url for everything else.",
  },
  "tool.no_base_url": {
    severity: "error",
    meaning: "A tool has a path, but the manifest has no base_url.",
    remedy: "Add base_url, or give the tool a full url.",
  },
  "tool.field_style": {
    severity: "error",
    meaning: "A style or a file is named for a field that the request does not have.",
    remedy: "Name fields of query under query_styles; body_styles and files need encoding form or multipart.",
  },
  "tool.response": {
    severity: "error",
    meaning: "A response has both a static answer and a mapping, or nothing at all.",
    remedy: "Keep static, or root and mapping.",
  },
  "tool.step_name": {
    severity: "error",
    meaning: "A step has no name where a later step needs one, or a name that is taken.",
    remedy: "Give each step but the last an `as:` of its own, and not one of params, account, vault.",
  },
  "tool.sql_template": {
    severity: "error",
    meaning: "An SQL query holds a template; a query is never built from text.",
    remedy: "Write :name in the query and bind it under params.",
  },
  "tool.sql_parameter": {
    severity: "error",
    meaning: "An SQL parameter is used but not bound, or bound but not used.",
    remedy: "Bind each :name of the query under params, and nothing else.",
  },
  "tool.graphql_variable": {
    severity: "warning",
    meaning: "A GraphQL variable is given but not declared by the query, or must be given and is not.",
    remedy: "Declare each $variable in the query and fill it under variables.",
  },
  "schema.invalid": {
    severity: "error",
    meaning: "A JSON Schema is not a valid schema of draft 2020-12.",
    remedy: "Correct the keyword named.",
  },
  "schema.not_an_object": {
    severity: "error",
    meaning: "The input or output of a tool is not described as an object.",
    remedy: "Write type: object and list the fields under properties.",
  },
  "schema.required": {
    severity: "warning",
    meaning: "The input of a tool requires a field that it does not describe.",
    remedy: "Describe the field under properties, or correct the name.",
  },
  "schema.unknown_ref": {
    severity: "error",
    meaning: "A $ref points to nothing.",
    remedy: 'Point it to "#/schemas/Name" with a name under schemas, or to a place within the same schema.',
  },
  "schema.pattern": {
    severity: "error",
    meaning: "A pattern is not a regular expression that runs in linear time.",
    remedy: "Write it as RE2 has it: no look-around, no back-references, and no count above 1,000.",
  },
  "template.syntax": {
    severity: "error",
    meaning: "A template is not well-formed.",
    remedy: "Write {{ params.name }}, with filters as {{ params.name | default: 1 }}.",
  },
  "template.unknown_filter": {
    severity: "error",
    meaning: "A template uses a filter that does not exist.",
    remedy: "Use invert, add, sub or default.",
  },
  "template.unknown_variable": {
    severity: "error",
    meaning: "A template names something that is not there.",
    remedy: "Use params.<field of input>, account.<name>, or the name of an earlier step.",
  },
} as const satisfies Record<string, CodeMeaning>;
