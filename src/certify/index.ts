export { caseProblems } from "./cases.ts";
export { certify } from "./certify.ts";
export type { Certificate, Evidence, FolderFacts, Gate, GateStatus, ReviewTier, Shown } from "./types.ts";
