import { createRequire } from "node:module";
import type { Parser as HtmlParser } from "htmlparser2";
import { wordSet } from "./names.ts";

const require = createRequire(import.meta.url);

/** Elements that start on a line of their own. */
const BLOCKS = wordSet(`
  address article aside blockquote br caption center dd details div dl dt fieldset figcaption
  figure footer form h1 h2 h3 h4 h5 h6 header hr li main nav ol p pre section summary table tbody
  tfoot thead tr ul
`);
const PARAGRAPHS = wordSet(`
  blockquote h1 h2 h3 h4 h5 h6 p pre table ol ul dl
`);
/** Elements within a line. */
const INLINE = wordSet(`
  a abbr acronym b bdi bdo big button cite code data del dfn em font i img input ins kbd label
  mark q s samp small span strike strong sub sup td th time tt u var wbr html head body meta link
  colgroup col
`);
/** Elements whose content is not for reading. */
const UNSEEN = wordSet(`
  applet audio canvas embed iframe math noembed noframes noscript object script style svg template
  textarea title video
`);

/** A stretch of Markdown that is code, where `<p>` is meant as it stands. */
const CODE = /(```[\s\S]*?(?:```|$)|`[^`\n]*`)/;

/** Whether a text may hold HTML at all. */
const MARKUP = /<[a-z!/?]|&[a-z#]/i;

/**
 * The text of HTML within Markdown: elements become line breaks, list marks and links in brackets, entities characters;
 * scripts and their like go. What only looks like HTML (`<your-id>`) stays.
 */
export function htmlToText(source: string): string {
  if (!MARKUP.test(source)) return source;
  return source
    .split(CODE)
    .map((part, index) => (index % 2 === 1 || !MARKUP.test(part) ? part : convert(part)))
    .join("");
}

function convert(source: string): string {
  let text = "";
  let unseen = 0;
  const links: string[] = [];
  // A strange element that is closed somewhere is markup of the provider's own; one that never is, a placeholder.
  const closed = new Map<string, boolean>();
  const isMarkup = (name: string): boolean => {
    const known = closed.get(name) ?? source.includes(`</${name}`);
    closed.set(name, known);
    return known;
  };
  const write = (more: string): void => {
    if (unseen === 0) text += more;
  };
  const lineBreak = (name: string): void => {
    if (BLOCKS.has(name)) write(PARAGRAPHS.has(name) ? "\n\n" : "\n");
  };
  // Loaded here and not above: its tables of entities are more than most commands of ours take to start.
  const { Parser }: typeof import("htmlparser2") = require("htmlparser2");
  const parser: HtmlParser = new Parser({
    onopentag(name, attributes) {
      if (UNSEEN.has(name)) unseen++;
      else if (BLOCKS.has(name)) {
        lineBreak(name);
        if (name === "li") write("- ");
      } else if (!INLINE.has(name)) {
        if (!isMarkup(name)) write(source.slice(parser.startIndex, parser.endIndex + 1));
      } else if (name === "a") links.push(attributes.href ?? "");
      else if (name === "img") write(attributes.alt ?? "");
      else if (name === "code") write("`");
      else if (name === "td" || name === "th") write(" ");
    },
    onclosetag(name) {
      if (UNSEEN.has(name)) unseen--;
      else if (BLOCKS.has(name) && name !== "br" && name !== "hr") lineBreak(name);
      else if (name === "code") write("`");
      else if (name === "a") {
        const link = links.pop() ?? "";
        if (/^https?:\/\//.test(link) && !text.endsWith(link)) write(` (${link})`);
      }
    },
    ontext(data) {
      write(data);
    },
  });
  parser.end(source);
  return text;
}
