import { readFileSync, writeFileSync } from "node:fs";
import { afterEach, describe, expect, it } from "vitest";
import { typeCheck } from "../runtime/typecheck.ts";
import { type Workspace, workspace } from "../runtime/workspace.ts";
import { CASES } from "./cases.ts";
import { manifest, tool } from "./manifest.ts";
import { anySample, withTexts } from "./texts.ts";

let place: Workspace;
afterEach(() => place.remove());

describe("a strict compiler", () => {
  it("accepts what every case generates, any texts, and as many tools as stand in one file", () => {
    place = workspace();
    for (const [name, given] of Object.entries(CASES)) place.add(name, given);
    for (const [at, texts] of anySample(20, 1).entries()) place.add(`texts-${at}`, withTexts(texts));
    const tools = Array.from({ length: 1000 }, (_, at) => tool({ name: `tool_${at}` }));
    const inline = place.add("inline", manifest({ tools: tools.slice(0, 500) }));
    expect(readFileSync(inline, "utf8").length).toBeGreaterThan(150_000);
    place.add("beside", manifest({ tools }));
    expect(typeCheck(place)).toBe("");
  });

  it("refuses a file that leaves out an annotation", () => {
    place = workspace();
    const file = place.add("edited", CASES.annotations ?? manifest());
    writeFileSync(file, readFileSync(file, "utf8").replace(/ *"destructiveHint": \w+,\n/, ""));
    expect(typeCheck(place)).toContain("'destructiveHint' is missing");
  });
});
