import * as z from "zod";
import { UNCOMPILED } from "./parts.ts";

/** What a text that a shape refuses was most likely meant as; null where nothing near it would do. */
export function suggestion(found: unknown, shape: z.core.$ZodType | undefined): string | null {
  if (typeof found !== "string" || shape === undefined || found.length > 300) return null;
  if (found.trim() === "") return null;
  const words = found.replace(/([a-z0-9])([A-Z])/g, "$1 $2").toLowerCase();
  const snake = words.replace(/[^a-z0-9]+/g, "_").replace(/^_+|_+$/g, "");
  const candidates = [
    ...(/^[a-z0-9-]+(?:\.[a-z0-9-]+)*\.[a-z]{2,}(?:[/:]|$)/i.test(found) ? [`https://${found}`] : []),
    found.toUpperCase(),
    snake,
    snake.replaceAll("_", "-"),
    found.replace(/^v(?=\d)/, ""),
    `${found}.0`,
    `/${found}`,
  ];
  return candidates.find((one) => one !== found && z.safeParse(shape, one, UNCOMPILED).success) ?? null;
}

/** How a map that is wanted is written, for somebody who wrote something else. */
export function mapHint(found: unknown, shape: z.core.$ZodType | undefined): string {
  if (!(shape instanceof z.ZodObject)) return "Write a map.";
  const fields = Object.keys(shape.shape);
  if (typeof found === "string" && fields.includes("name")) {
    return `Write a map: {name: ${JSON.stringify(found.slice(0, 60))}}.`;
  }
  return `Write a map; its fields: ${fields.slice(0, 8).join(", ")}${fields.length > 8 ? ", …" : ""}.`;
}

/** The fields of a shape that are maps with a field of that name: where it may have been meant to stand. */
export function homesOf(key: string, shape: z.core.$ZodType | undefined): readonly string[] {
  if (!(shape instanceof z.ZodObject)) return [];
  const parts: [string, z.core.$ZodType][] = Object.entries(shape.shape);
  return parts.flatMap(([name, part]) => {
    const inner = part instanceof z.ZodOptional ? part.unwrap() : part;
    return inner instanceof z.ZodObject && Object.hasOwn(inner.shape, key) ? [name] : [];
  });
}
