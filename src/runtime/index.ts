export { defineConnector } from "./define.ts";
export { main } from "./main.ts";
export type { Connector, ConnectorData, ObjectSchema, ToolData } from "./types.ts";
