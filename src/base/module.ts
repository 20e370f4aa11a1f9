/** The package's own folder. The modules of `src` and the bundle's chunks in `dist` are equally deep. */
export const PACKAGE_ROOT: URL = new URL("../../", import.meta.url);

/** Whether the code runs as it was written, as in tests, and not from the bundle in `dist`. */
export const FROM_SOURCE: boolean = import.meta.url.endsWith(".ts");

/**
 * The URL of one of our modules that is started as a worker or process of its own.
 * @param name its path below `src` without the ending; `scripts/build.ts` has it among its entries
 */
export function houseModule(name: string): URL {
  return new URL(FROM_SOURCE ? `src/${name}.ts` : `dist/${name}.js`, PACKAGE_ROOT);
}
