export type { HandlerContext, HttpAnswer, HttpOptions } from "../../../sdk/index.ts";
