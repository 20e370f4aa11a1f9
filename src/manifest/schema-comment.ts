/** First line of every manifest that we write: editors find the JSON Schema by it. */
export const SCHEMA_COMMENT = "# yaml-language-server: $schema=../manifest.schema.json";
