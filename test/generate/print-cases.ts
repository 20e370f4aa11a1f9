// Prints what every case generates; a test runs it under different time zones and locales.
import { generate } from "../../src/generate/index.ts";
import { CASES } from "./cases.ts";
import { DIGEST } from "./manifest.ts";

for (const [name, given] of Object.entries(CASES)) {
  console.log(name, JSON.stringify(generate(given, DIGEST)));
}
