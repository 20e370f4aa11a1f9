import type { CodeMeaning } from "./codes.ts";

/** The codes of the gate, the vault, grants and the activity log: what is refused, and what does not add up. */
export const GATE_CODES = {
  "call.not_approved": {
    severity: "error",
    meaning: "The connector, in exactly this content, is not approved (any more).",
    remedy: "Ask a person to review it: `sentinel review show <slug>`.",
  },
  "call.changed": {
    severity: "error",
    meaning: "What is to be run is not what was approved: its content does not give the approved digest.",
    remedy: "Find out who changed the registry or the file, then restore it or have it reviewed again.",
  },
  "call.unknown_connector": {
    severity: "error",
    meaning: "No approved connector has this name.",
    remedy: "List what is registered with `sentinel status`.",
  },
  "call.unknown_tool": {
    severity: "error",
    meaning: "The approved connector has no tool of this name.",
    remedy: "List its tools with `sentinel show <slug>`.",
  },
  "call.key_reused": {
    severity: "error",
    meaning: "The idempotency key stands for another call: other arguments, tool or account.",
    remedy: "Use a new key for a new call; with the same arguments the key gives its receipt again.",
  },
  "call.bad_key": {
    severity: "error",
    meaning: "The idempotency key is not one.",
    remedy: "Give 1 to 200 printable ASCII characters, such as a UUID.",
  },
  "call.in_progress": {
    severity: "error",
    meaning: "The same call, or another on the same thing, is still under way.",
    remedy: "Wait a moment, then call again with the same key.",
  },
  "call.outcome_unknown": {
    severity: "error",
    meaning: "The call was begun, and nobody knows whether it took effect.",
    remedy: "Look at the provider whether it did; if not, call again with a new idempotency_key.",
  },
  "call.not_begun": {
    severity: "error",
    meaning: "A call was to be ended that was never begun.",
    remedy: "Report it with what stands in the log.",
  },
  "call.bad_record": {
    severity: "error",
    meaning: "A record for the activity log is too long or of a kind that the runtime may not write.",
    remedy: "Report it with what stands in the log.",
  },
  "call.registry_away": {
    severity: "error",
    meaning: "The registry can't be reached, so nothing says whether the call may be made.",
    remedy: "Call again later; the operator finds out more with `sentinel doctor`.",
  },
  "call.invalid_input": {
    severity: "error",
    meaning: "The arguments do not fit the tool's input schema.",
    remedy: "Correct the arguments that the message names.",
  },
  "mode.readonly": {
    severity: "error",
    meaning: "The runtime is read-only, and the tool changes something.",
    remedy: "Ask the operator to run it with --mode write.",
  },
  "mode.admin_needed": {
    severity: "error",
    meaning: "The tool destroys something, and the runtime is not in admin mode.",
    remedy: "Ask the operator to run it with --mode admin.",
  },
  "firearms.missing_grant": {
    severity: "error",
    meaning:
      "A scope that the tool needs requires a firearm, and the agent holds no good grant of that type.",
    remedy: "Don't try again; ask a person for it: `sentinel grant add <agent> <type>`.",
  },
  "firearms.untyped": {
    severity: "error",
    meaning: "A scope that the tool needs requires a firearm of no known type.",
    remedy:
      "Don't try again; a person has to decide: `sentinel review firearms <slug> <scope> --type <type>`.",
  },
  "account.needed": {
    severity: "error",
    meaning: "The connector has several accounts, and the call names none.",
    remedy: "Name one of those that the message lists.",
  },
  "account.unknown": {
    severity: "error",
    meaning: "The connector has no account of this name.",
    remedy: "List them with `sentinel vault list <slug>`.",
  },
  "account.bad_name": {
    severity: "error",
    meaning: "The name of an account is not one.",
    remedy: "Use a-z, 0-9 and single hyphens between, at most 40 characters.",
  },
  "account.unknown_field": {
    severity: "error",
    meaning: "The connector neither declares nor uses a field of this name.",
    remedy: "Use one of those that the message names; --any stores it all the same.",
  },
  "agent.bad_name": {
    severity: "error",
    meaning: "The name of an agent is not one.",
    remedy: "Use letters, digits and . _ @ : + -, at most 128 characters, beginning with a letter or digit.",
  },
  "agent.bad_token": {
    severity: "error",
    meaning: "A token was to be registered by something that is not its SHA-256.",
    remedy: "Create tokens with `sentinel agent add`.",
  },
  "agent.unknown_token": {
    severity: "error",
    meaning: "There is no agent's token of this id.",
    remedy: "List them with `sentinel agent list`.",
  },
  "grant.unknown": {
    severity: "error",
    meaning: "There is no grant of this id.",
    remedy: "List them with `sentinel grant list`.",
  },
  "grant.bad_limits": {
    severity: "error",
    meaning: "A grant has no end within a year, or no use.",
    remedy: "Give it an end such as --for 7d, and at least one use.",
  },
  "vault.no_key": {
    severity: "error",
    meaning: "There is no master key for the vault.",
    remedy: "Set SENTINEL_VAULT_KEY or SENTINEL_VAULT_KEY_FILE; the embedded registry makes one by itself.",
  },
  "vault.bad_key": {
    severity: "error",
    meaning: "The vault's master key is not one.",
    remedy: "Give 32 bytes as 64 hex digits or as base64: `openssl rand -hex 32`.",
  },
  "vault.exposed_key": {
    severity: "error",
    meaning: "The file with the vault's master key can be read by others.",
    remedy:
      "Take the right away with `chmod 600`, and run `sentinel vault rotate` twice: the key before stays until the second.",
  },
  "vault.key_missing": {
    severity: "error",
    meaning: "A secret is sealed with a master key that is not at hand.",
    remedy: "Add the old key behind the new one in SENTINEL_VAULT_KEY, then run `sentinel vault rotate`.",
  },
  "vault.damaged": {
    severity: "error",
    meaning: "A secret in the database is not what was sealed: changed, torn, or moved from another place.",
    remedy: "Store it again with `sentinel vault set`, and find out who changed the database.",
  },
  "vault.name_taken": {
    severity: "error",
    meaning: "Another connector's secret, or another account's, has the same name in the vault.",
    remedy: "Give one of the two a naming_rule of its own, or a KEY that differs.",
  },
  "vault.unknown_key": {
    severity: "error",
    meaning: "The connector asks for no secret of this KEY.",
    remedy: "Use one of those that the message names; --any stores it all the same.",
  },
  "vault.unknown_secret": {
    severity: "error",
    meaning: "The vault has no such secret.",
    remedy: "List what it has with `sentinel vault list`.",
  },
  "vault.empty": {
    severity: "error",
    meaning: "No value was given for a secret.",
    remedy: 'Type it at the prompt, or pipe it in: `printf %s "$VALUE" | sentinel vault set …`.',
  },
  "vault.too_long": {
    severity: "error",
    meaning: "The value for a secret is longer than the vault takes.",
    remedy: "Give at most 65,536 bytes.",
  },
  "log.edited": {
    severity: "error",
    meaning: "A row of the activity log is not what its hash says.",
    remedy: "Restore the database from a backup, and find out who wrote to it.",
  },
  "log.deleted": {
    severity: "error",
    meaning: "Rows of the activity log are missing.",
    remedy: "Restore the database from a backup, and find out who wrote to it.",
  },
  "log.relinked": {
    severity: "error",
    meaning: "A row of the activity log does not follow from the row before it.",
    remedy: "Restore the database from a backup, and find out who wrote to it.",
  },
  "log.truncated": {
    severity: "error",
    meaning: "The activity log ends earlier than it did.",
    remedy: "Restore the database from a backup, and find out who wrote to it.",
  },
  "log.rewritten": {
    severity: "error",
    meaning: "The activity log was written anew: a signed checkpoint says otherwise.",
    remedy: "Restore the database from a backup; if it was made anew on purpose, remove the old checkpoints.",
  },
  "log.bad_checkpoint": {
    severity: "error",
    meaning: "A checkpoint of the activity log is not signed with a key of ours.",
    remedy: "Restore the file of checkpoints from a backup, and give the master key that it was signed with.",
  },
  "log.receipt_changed": {
    severity: "error",
    meaning: "A receipt is not what the activity log says of it.",
    remedy: "Restore the database from a backup, and find out who wrote to it.",
  },
  "log.call_changed": {
    severity: "error",
    meaning: "The record of a side effect is not what the activity log says of it.",
    remedy: "Restore the database from a backup, and find out who wrote to it.",
  },
} as const satisfies Record<string, CodeMeaning>;
