import { failed, gate, passed } from "./evidence.ts";
import type { Evidence, Gate } from "./types.ts";

const SET_UP = /\b(?:set[- ]?up|setting up|getting started|installation|configuration|authentication)\b/i;
const LIMITS = /\b(?:limits?|limitations?|known issues)\b/i;

/** README.md tells how to set the connector up, and what it can't do. */
export function docsGate(readme: string | null): Gate {
  if (readme === null) {
    const hint = "Write a README.md with the sections Set-up and Known limitations.";
    return gate("docs", [failed("there is a README.md", "there is none", hint)]);
  }
  const found = sections(readme);
  return gate("docs", [
    passed("there is a README.md", `${readme.split("\n").length} lines`),
    section("it tells how to set up", found, SET_UP, "Set-up"),
    section("it tells known limitations", found, LIMITS, "Known limitations"),
  ]);
}

function section(check: string, found: readonly Section[], title: RegExp, name: string): Evidence {
  const named = found.filter(({ heading }) => title.test(heading));
  const [full] = named.filter(({ text }) => text !== "");
  if (full !== undefined) return passed(check, `"${full.heading.slice(0, 80)}"`);
  if (named.length > 0) return failed(check, `the section is empty`, `Write what belongs under ## ${name}.`);
  return failed(check, "there is no such section", `Add a section ## ${name}.`);
}

interface Section {
  readonly heading: string;
  /** Without comments and white space around it. */
  readonly text: string;
}

/** The sections of a Markdown text, each with all that stands below it up to the next heading of its level. */
function sections(markdown: string): Section[] {
  const plain = markdown.replace(/\r\n?/g, "\n").replace(/<!--[\s\S]*?(?:-->|$)/g, "");
  const headings = [...plain.matchAll(/^(#{1,6})[ \t]+(\S.*)$/gm)];
  return headings.map((heading, at) => {
    const level = heading[1]?.length ?? 1;
    const next = headings.slice(at + 1).find((other) => (other[1]?.length ?? 1) <= level);
    const text = plain.slice(heading.index + heading[0].length, next?.index);
    return { heading: heading[2] ?? "", text: text.trim() };
  });
}
