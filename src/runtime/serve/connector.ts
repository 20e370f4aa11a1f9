import { CODES, copied } from "../../base/index.ts";
import { createCatalogue } from "../catalogue.ts";
import type { Engine } from "../engine.ts";
import { type CallTool, type Face, failure } from "../server.ts";
import type { Connector } from "../types.ts";
import { failed } from "./answers.ts";
import { offering } from "./faces.ts";

/**
 * A connector's own tools under their own names, as its generated file lists them. A call goes through the gate, and is
 * refused unless exactly this content is approved.
 */
export function connectorFace(connector: Connector, engine: Engine): Face {
  const catalogue = createCatalogue(connector);
  const { name: slug, digest } = connector;
  const call: CallTool = async ({ tool: { name }, arguments: given, agent, signal }) => {
    try {
      const snapshot = await engine.approved.current();
      const approved = snapshot.connectors.get(slug);
      const tool = approved?.tool(name);
      if (approved === undefined || approved.digest !== digest || tool === undefined) {
        // The gate says no, and puts it on record.
        await engine.gate.call({
          agent,
          connector: slug,
          digest,
          tool: name,
          account: null,
          input: {},
          key: null,
          signal,
        });
        return failure(
          "call.not_approved",
          `${slug} is not approved in this content.`,
          CODES["call.not_approved"].remedy,
        );
      }
      const parts = { identity: catalogue, gate: engine.gate, tools: engine.tools };
      return await offering(parts, { name, approved, tool }).run({ agent, signal }, copied(given));
    } catch (error) {
      return failed(error);
    }
  };
  return { catalogue, call };
}
