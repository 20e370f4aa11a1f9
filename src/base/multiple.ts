/** A number as its decimal text says it: digits × 10^exponent. */
interface Decimal {
  readonly digits: bigint;
  readonly exponent: number;
}

/** What ajv calls for a keyword, and where it finds what to say of a no. */
interface Check {
  (step: number, value: number): boolean;
  errors?: { keyword: string; message: string; params: { multipleOf: number } }[];
}

const check: Check = (step, value) => {
  const fits = isMultipleOf(value, step);
  const error = {
    keyword: "multipleOf",
    message: `must be multiple of ${step}`,
    params: { multipleOf: step },
  };
  check.errors = fits ? [] : [error];
  return fits;
};

/** JSON Schema's `multipleOf` for ajv, whose own divides doubles: 19.99 is no multiple of 0.01 there. */
export const EXACT_MULTIPLE = {
  keyword: "multipleOf",
  type: "number",
  schemaType: "number",
  errors: true,
  validate: check,
} as const;

/**
 * Whether a value is a multiple of a step, both as their decimal texts have them: 19.99 is one of 0.01, though neither is
 * what it says in binary, and their quotient is not whole.
 * @param step greater than 0 (JSON Schema 2020-12, validation, 6.2.1)
 */
export function isMultipleOf(value: number, step: number): boolean {
  if (Number.isSafeInteger(value) && Number.isSafeInteger(step)) return value % step === 0;
  const [left, right] = [decimal(value), decimal(step)];
  if (left === null || right === null || right.digits === 0n) return false;
  const shared = Math.min(left.exponent, right.exponent);
  const whole = ({ digits, exponent }: Decimal): bigint => digits * 10n ** BigInt(exponent - shared);
  return whole(left) % whole(right) === 0n;
}

function decimal(value: number): Decimal | null {
  const parts = /^(-?\d+)(?:\.(\d+))?(?:e([+-]\d+))?$/.exec(String(value));
  if (parts === null) return null;
  const [, before = "", after = "", exponent = "0"] = parts;
  return { digits: BigInt(before + after), exponent: Number(exponent) - after.length };
}
